/**
 * What of Node.js's built-in modules depends on its arguments alone. Programs have just that: every other
 * function of a module is an escape, and what a later version of Node.js adds is one until it is
 * listed here. Plain files have the same, and what their realm simulates.
 *
 * Classes are here when making an object does nothing; what it then does is caught where it does it.
 */

const TABLE: { readonly [module: string]: string } = {
  assert: `Assert AssertionError CallTracker deepEqual deepStrictEqual doesNotMatch doesNotReject
    doesNotThrow equal fail ifError match notDeepEqual notDeepStrictEqual notEqual notStrictEqual ok
    partialDeepStrictEqual rejects strict strictEqual throws`,
  async_hooks: 'AsyncLocalStorage AsyncResource',
  buffer: 'Blob Buffer File SlowBuffer atob btoa isAscii isUtf8 resolveObjectURL transcode',
  child_process: 'ChildProcess',
  cluster: 'Worker',
  console: `Console assert clear context count countReset createTask debug dir dirxml error group
    groupCollapsed groupEnd info log profile profileEnd table time timeEnd timeLog timeStamp trace warn`,
  crypto: `Certificate Cipher Cipheriv Decipher Decipheriv Hash Hmac KeyObject Sign Verify
    X509Certificate argon2Sync checkPrimeSync createCipheriv createDecipheriv createHash createHmac
    createMac createPrivateKey createPublicKey createSecretKey createSign createVerify decapsulate
    diffieHellman getCipherInfo getCiphers getCurves getFips getHashes getMacs hash hkdfSync
    parsePKCS12 pbkdf2Sync privateDecrypt privateEncrypt publicDecrypt scryptSync sign
    timingSafeEqual verify`,
  dgram: 'Socket',
  diagnostics_channel: `BoundedChannel Channel boundedChannel channel hasSubscribers subscribe
    tracingChannel unsubscribe`,
  events: `EventEmitter EventEmitterAsyncResource addAbortListener getEventListeners getMaxListeners
    init listenerCount on once setMaxListeners`,
  fs: 'Dir Dirent Stats',
  http: `Agent ClientRequest CloseEvent IncomingMessage MessageEvent OutgoingMessage Server
    ServerResponse _connectionListener validateHeaderName validateHeaderValue`,
  http2: `Http2ServerRequest Http2ServerResponse getDefaultSettings getPackedSettings
    getUnpackedSettings`,
  https: 'Agent Server',
  // Loading a module reads a file of the program's, and its code then runs under the guard.
  module: `Module SourceMap _debug _findPath _load _nodeModulePaths _preloadModules _resolveFilename
    _resolveLookupPaths createRequire findPackageJSON findSourceMap getSourceMapsSupport isBuiltin
    stripTypeScriptTypes syncBuiltinESMExports`,
  net: `BlockList Server Socket SocketAddress Stream _normalizeArgs getDefaultAutoSelectFamily
    getDefaultAutoSelectFamilyAttemptTimeout isIP isIPv4 isIPv6`,
  os: 'arch endianness platform type',
  path: `_makeLong basename dirname extname format isAbsolute join matchesGlob normalize parse relative
    resolve toNamespacedPath`,
  perf_hooks: `Performance PerformanceEntry PerformanceMeasure PerformanceObserverEntryList
    PerformanceResourceTiming createHistogram createSlidingWindowHistogram importHistogram`,
  punycode: 'decode encode toASCII toUnicode',
  querystring: 'decode encode escape parse stringify unescape unescapeBuffer',
  readline: `Interface clearLine clearScreenDown createInterface cursorTo emitKeypressEvents
    moveCursor`,
  'readline/promises': 'Interface Readline createInterface',
  sea: 'isSea',
  stream: `Duplex PassThrough Readable Stream Transform Writable _isArrayBufferView _isUint8Array
    _uint8ArrayToBuffer addAbortSignal compose destroy duplexPair finished getDefaultHighWaterMark
    isDestroyed isDisturbed isErrored isReadable isWritable pipeline setDefaultHighWaterMark`,
  'stream/consumers': 'arrayBuffer blob buffer bytes json text',
  'stream/promises': 'finished pipeline',
  'stream/web': `ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy DecompressionStream
    ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
    ReadableStreamDefaultController ReadableStreamDefaultReader ReadableStreamTee TextDecoderStream
    TextEncoderStream TransformStream TransformStreamDefaultController WritableStream
    WritableStreamDefaultController WritableStreamDefaultWriter`,
  string_decoder: 'StringDecoder',
  timers: 'clearImmediate clearInterval clearTimeout',
  tls: `SecureContext Server checkServerIdentity convertALPNProtocols createSecureContext
    getCertificateCompressionAlgorithms getCiphers`,
  tty: 'isatty',
  url: `URL URLPattern URLSearchParams Url domainToASCII domainToUnicode fileURLToPath
    fileURLToPathBuffer format parse pathToFileURL resolve resolveObject urlToHttpOptions`,
  util: `MIMEParams MIMEType TextDecoder TextEncoder _errnoException _exceptionWithHostPort _extend
    aborted callbackify convertProcessSignalToExitCode debug debuglog deprecate diff format
    formatWithOptions getSystemErrorMap getSystemErrorMessage getSystemErrorName inherits inspect
    isArray isBoolean isBuffer isDate isDeepStrictEqual isError isFunction isNull isNullOrUndefined
    isNumber isObject isPrimitive isRegExp isString isSymbol isUndefined log markPromiseAsHandled
    parseArgs parseEnv promisify stripVTControlCharacters styleText toUSVString
    transferableAbortController transferableAbortSignal`,
  'util/types': `isAnyArrayBuffer isArgumentsObject isArrayBuffer isArrayBufferView isAsyncFunction
    isBigInt64Array isBigIntObject isBigUint64Array isBooleanObject isBoxedPrimitive isCryptoKey
    isDataView isDate isExternal isFloat16Array isFloat32Array isFloat64Array isGeneratorFunction
    isGeneratorObject isInt16Array isInt32Array isInt8Array isKeyObject isMap isMapIterator
    isModuleNamespaceObject isNativeError isNumberObject isPromise isProxy isRegExp isSet
    isSetIterator isSharedArrayBuffer isStringObject isSymbolObject isTypedArray isUint16Array
    isUint32Array isUint8Array isUint8ClampedArray isWeakMap isWeakSet`,
  v8: `DefaultDeserializer DefaultSerializer Deserializer Serializer cachedDataVersionTag deserialize
    isStringOneByteRepresentation serialize`,
  vm: `Script compileFunction createContext createScript isContext runInContext runInNewContext
    runInThisContext`,
  worker_threads: 'MessagePort isMarkedAsUntransferable markAsUncloneable markAsUntransferable',
  zlib: `BrotliCompress BrotliDecompress Deflate DeflateRaw Gunzip Gzip Inflate InflateRaw Unzip
    ZstdCompress ZstdDecompress brotliCompressSync brotliDecompressSync crc32 deflateRawSync
    deflateSync gunzipSync gzipSync inflateRawSync inflateSync unzipSync zstdCompressSync
    zstdDecompressSync`,
};

const ALIASES: { readonly [module: string]: string } = {
  'assert/strict': 'assert',
  'path/posix': 'path',
  'path/win32': 'path',
  sys: 'util',
};

const sets = new Map(
  Object.entries(TABLE).map(([module, names]) => [module, new Set(names.split(/\s+/))]),
);

/** Whether a function that the built-in module exports, without `node:`, may run in a world. */
export function isPure(module: string, name: string): boolean {
  return sets.get(ALIASES[module] ?? module)?.has(name) ?? false;
}
