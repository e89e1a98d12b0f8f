/**
 * What is wrong with a value by a JSON Schema, in sentences: which key or value, what may stand
 * there instead, and what was probably meant. Ajv finds the errors; what it says of them is for
 * people who think in schemas, so each keyword that our schemas use has a sentence of its own.
 */
import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js';
import { assert } from '../env/assert.ts';
import { didYouMean, nearest } from './did-you-mean.ts';
import { onOneLine } from './escape-unseen.ts';
import { type Path, pathInWords } from './place.ts';

export interface SchemaProblem {
  readonly path: Path;
  readonly part: 'key' | 'value';
  /** One line. */
  readonly message: string;
}

export interface Schema {
  readonly [keyword: string]: unknown;
}

export type SchemaCheck = (value: unknown) => SchemaProblem[];

/** Keywords for generated types and for editors, which say nothing about validity. */
const ANNOTATIONS = ['tsType', 'patternErrorMessage', 'markdownDescription'];

/** Ajv takes as long to load as a small run, and most runs check nothing. */
const loadAjv = (): typeof import('ajv/dist/2020.js') =>
  createRequire(import.meta.url)('ajv/dist/2020.js');

/** A check by `schema`, or by one of its definitions. Compiled when it is first used. */
export function schemaCheck(schema: Schema, definition?: string): SchemaCheck {
  let validate: ReturnType<typeof compile> | undefined;
  return (value) => {
    validate ??= compile(schema, definition);
    return validate(value) ? [] : problemsOf(validate.errors!, schema);
  };
}

function compile(schema: Schema, definition: string | undefined): ReturnType<Ajv2020['compile']> {
  const { Ajv2020 } = loadAjv();
  // `verbose` keeps the schema and the value in each error, for its sentence.
  const ajv = new Ajv2020({ allErrors: true, verbose: true, discriminator: true });
  for (const keyword of ANNOTATIONS) ajv.addKeyword(keyword);
  if (definition === undefined) return ajv.compile(schema);
  ajv.addSchema(schema);
  return ajv.compile({ $ref: `${String(schema['$id'])}#/$defs/${definition}` });
}

function problemsOf(errors: readonly ErrorObject[], root: Schema): SchemaProblem[] {
  const meant = new Set(errors.map(misspelt).filter((key) => key !== undefined));
  return errors
    .filter((error) => !isEcho(error, meant))
    .map((error) => ({ ...locationOf(error), message: onOneLine(sentenceOf(error, root)) }));
}

/** Errors that follow from another: a key missing because it is misspelt, a tag looked at twice. */
function isEcho(error: ErrorObject, meant: ReadonlySet<string>): boolean {
  const { keyword, instancePath, params, parentSchema } = error;
  if (error.propertyName !== undefined) return true;
  if (keyword !== 'required') return false;
  const missing = params['missingProperty'] as string;
  const tag = (parentSchema?.['discriminator'] as { propertyName: string } | undefined)
    ?.propertyName;
  return missing === tag || meant.has(`${instancePath}/${missing}`);
}

/** The key that a wrong one stands for, as a path. */
function misspelt({
  keyword,
  instancePath,
  params,
  parentSchema,
}: ErrorObject): string | undefined {
  if (keyword !== 'additionalProperties') return undefined;
  const key = nearest(params['additionalProperty'] as string, keysOf(parentSchema));
  return key === undefined ? undefined : `${instancePath}/${key}`;
}

function locationOf({
  keyword,
  instancePath,
  params,
}: ErrorObject): Omit<SchemaProblem, 'message'> {
  const path = pathOf(instancePath);
  switch (keyword) {
    case 'additionalProperties':
      return { path: [...path, params['additionalProperty'] as string], part: 'key' };
    case 'propertyNames':
      return { path: [...path, params['propertyName'] as string], part: 'key' };
    case 'discriminator':
      return { path: [...path, params['tag'] as string], part: 'value' };
    case 'required':
      return { path, part: 'key' };
    default:
      return { path, part: 'value' };
  }
}

function sentenceOf(error: ErrorObject, root: Schema): string {
  const { instancePath, keyword, params, schema, parentSchema, data } = error;
  const path = pathOf(instancePath);
  const where = path.length === 0 ? 'the whole' : pathInWords(path);
  switch (keyword) {
    case 'required':
      return lacking(path, String(params['missingProperty']));
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const keys = keysOf(parentSchema).filter((known) => known !== '$schema');
      const within = path.length === 0 ? '' : ` of ${where}`;
      return `'${key}' is no key${within}, which are ${keys.join(', ')}${didYouMean(key, keys)}`;
    }
    case 'propertyNames': {
      const key = String(params['propertyName']);
      return `a key of ${where} is ${wordsOf(schema as Schema)}, not ${printed(key)}`;
    }
    case 'enum':
      return `${where} is ${oneOf(schema as unknown[], data)}`;
    case 'const':
      return `${where} is ${printed(schema)}, not ${printed(data)}`;
    case 'discriminator': {
      const tag = String(params['tag']);
      const tags = tagsOf(parentSchema!, tag, root);
      if (params['tagValue'] === undefined) return `${lacking(path, tag)}: ${tags.join(', ')}`;
      return `${pathInWords([...path, tag])} is ${oneOf(tags, params['tagValue'])}`;
    }
    case 'type':
      return `${where} is ${NOUNS[String(schema)] ?? String(schema)}, not ${printed(data)}`;
    case 'minimum':
      return `${where} is at least ${String(schema)}, not ${printed(data)}`;
    case 'exclusiveMinimum':
      return `${where} is more than ${String(schema)}, not ${printed(data)}`;
    case 'maximum':
      return `${where} is at most ${String(schema)}, not ${printed(data)}`;
    case 'minItems':
    case 'maxItems': {
      const bound = keyword === 'minItems' ? 'at least' : 'at most';
      return `${where} has ${bound} ${String(schema)} items, not ${(data as unknown[]).length}`;
    }
    case 'minLength':
    case 'minProperties':
      return `${where} is empty`;
    case 'pattern':
      return `${where} is ${wordsOf(parentSchema)}, not ${printed(data)}`;
    default:
      assert(false, `the schema's keyword '${keyword}' has a sentence`);
  }
}

function lacking(path: Path, key: string): string {
  return path.length === 0 ? `'${key}' is missing` : `${pathInWords(path)} lacks '${key}'`;
}

const NOUNS: { readonly [type: string]: string | undefined } = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys to values',
};

function oneOf(allowed: readonly unknown[], given: unknown): string {
  const words = allowed.map(String);
  const meant = typeof given === 'string' ? didYouMean(given, words) : '';
  return `${words.length > 1 ? 'one of ' : ''}${words.join(', ')}, not ${printed(given)}${meant}`;
}

/** The values of `tag` that choose among the alternatives of a union. */
function tagsOf(union: Schema, tag: string, root: Schema): string[] {
  const definitions = root['$defs'] as { readonly [name: string]: Schema };
  return (union['oneOf'] as readonly { $ref: string }[]).map(({ $ref }) => {
    const { properties } = definitions[$ref.slice('#/$defs/'.length)]! as {
      properties: { readonly [key: string]: { const: string } };
    };
    return properties[tag]!.const;
  });
}

/** What a pattern asks for: `patternErrorMessage`, as editors show it. */
function wordsOf(schema: Schema | undefined): string {
  return String(schema?.['patternErrorMessage']);
}

function keysOf(schema: Schema | undefined): string[] {
  return Object.keys((schema?.['properties'] as object | undefined) ?? {});
}

/** The parts of a JSON pointer; indices as numbers. */
function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

const PRINTED_MAX = 60;

function printed(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length <= PRINTED_MAX ? text : `${text.slice(0, PRINTED_MAX - 1)}…`;
}
