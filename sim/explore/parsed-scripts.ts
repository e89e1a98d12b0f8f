import type { Debugger, Session } from 'node:inspector';
import type { SourceMapPayload } from 'node:module';
import { type PositionMap, positionMap } from '../node/loader/source-map.ts';

/** The scripts of this thread, once `Debugger.enable` has been posted to the session. */
export class ParsedScripts {
  private readonly scripts = new Map<string, Debugger.ScriptParsedEventDataType>();

  constructor(session: Session) {
    session.on('Debugger.scriptParsed', ({ params }) => {
      this.scripts.set(params.scriptId, params);
    });
  }

  url(scriptId: string): string | undefined {
    return this.scripts.get(scriptId)?.url;
  }

  /** By the script's own source map, as test runners have one in each. */
  map(scriptId: string): PositionMap | undefined {
    const encoded = INLINE.exec(this.scripts.get(scriptId)?.sourceMapURL ?? '')?.[1];
    if (encoded === undefined) return undefined;
    const payload = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload;
    return positionMap(payload);
  }
}

const INLINE = /^data:application\/json(?:;charset=[\w-]+)?;base64,(.*)$/s;
