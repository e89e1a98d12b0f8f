/**
 * YAML 1.2 (core schema) with the place of every part. Of all that YAML can do, scenario files get
 * what JSON has, comments, and aliases: one document, keys that are texts, no tags, no `__proto__`,
 * values at most {@link DEPTH_MAX} deep, and no alias inside of what it stands for.
 */
import {
  type CST,
  type Document,
  type ErrorCode,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Parser,
  parseDocument,
  visit,
} from 'yaml';
import { DEPTH_MAX } from '../trace/json-text.ts';
import { type Located, type Path, type Problem, placeAt } from '../trace/place.ts';

/** The text is not such YAML. */
export class YamlTextError extends Error {
  override readonly name = 'YamlTextError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join('\n'));
    this.problems = problems;
  }
}

/** @throws YamlTextError */
export function readYamlText(text: string): Located {
  refuseDepth(text);
  const document = parseDocument(text, {
    schema: 'core',
    stringKeys: true,
    resolveKnownTags: false,
    prettyErrors: false,
  });
  const problems = [...syntaxProblems(document, text), ...refusedParts(document, text)];
  if (problems.length > 0) throw new YamlTextError(problems);
  return {
    value: plainOf(document),
    placeOf: (path, part) => placeAt(text, offsetOf(document, path, part)),
  };
}

/** Before anything is composed, which takes stack by depth and, without any left, ends the process. */
function refuseDepth(text: string): void {
  function look(token: CST.Token | null | undefined, depth: number): void {
    if (token === null || token === undefined) return;
    if (depth > DEPTH_MAX) {
      const message = `values lie more than ${DEPTH_MAX} deep`;
      throw new YamlTextError([{ ...placeAt(text, token.offset), message }]);
    }
    if (token.type === 'document') look(token.value, depth);
    if (!('items' in token)) return;
    for (const { key, value } of token.items) {
      look(key, depth + 1);
      look(value, depth + 1);
    }
  }
  for (const token of new Parser().parse(text)) look(token, 0);
}

function syntaxProblems({ errors, warnings }: Document, text: string): Problem[] {
  return [...errors, ...warnings].map(({ code, message, pos }) => ({
    ...placeAt(text, pos[0]),
    message: SENTENCES[code] ?? message.split(/[\r\n]/, 1)[0]!,
  }));
}

/** Where the parser's own words speak of the parser. */
const SENTENCES: { readonly [Code in ErrorCode]?: string } = {
  DUPLICATE_KEY: 'this key stands here twice',
  MULTIPLE_DOCS: 'a second document begins, and a file has one',
  NON_STRING_KEY: 'a key is a text',
  TAG_RESOLVE_FAILED: 'a scenario has no tags',
};

function refusedParts(document: Document, text: string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      problems.push({
        ...placeAt(text, key.range?.[0] ?? 0),
        message: "a key may not be '__proto__'",
      });
    },
    Alias: (_, alias, ancestors) => {
      const of = alias.resolve(document);
      if (of !== undefined && !ancestors.includes(of)) return;
      const place = placeAt(text, alias.range?.[0] ?? 0);
      const what = of === undefined ? 'nothing before it' : 'what it is a part of';
      problems.push({ ...place, message: `the alias *${alias.source} stands for ${what}` });
    },
  });
  return problems;
}

function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new YamlTextError([{ line: 1, column: 1, message: 'aliases stand for too much' }]);
  }
}

function offsetOf(document: Document, path: Path, part: 'key' | 'value' = 'value'): number {
  let offset = 0;
  let node: unknown = document.contents;
  for (const [i, step] of [undefined, ...path].entries()) {
    if (step !== undefined) {
      const pair = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && key.value === step)
        : undefined;
      const key: unknown = pair?.key;
      if (part === 'key' && i === path.length && isScalar(key)) return key.range?.[0] ?? offset;
      node = isSeq(node) && typeof step === 'number' ? node.items[step] : pair?.value;
    }
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node) && !isScalar(node)) break;
    offset = node.range?.[0] ?? offset;
  }
  return offset;
}
