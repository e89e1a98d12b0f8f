// Checks the imports inside sim/ against layers.json, which lists its layers from the lowest up: a
// part imports from itself and from lower layers, so that there are no cycles of folders.
// A part is a folder of sim/, or one file of it; `native` lists the only files that import native/.
// Tests, benches and fixtures may import anything.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const IMPORT = /^(?:import|export)\b[^'"]*?['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/gm;
const FREE = /\.(test|bench)\.ts$|(^|\/)fixtures\//;

/**
 * What is wrong, one line each.
 *
 * @param {{ path: string, text: string }[]} files paths from sim/, with `/`
 * @param {{ order: string[][], native: string[] }} layers
 * @returns {string[]}
 */
export function wrongImports(files, layers) {
  const parts = layers.order.flat();
  const height = new Map(layers.order.flatMap((layer, at) => layer.map((part) => [part, at])));
  const partOf = (path) =>
    parts.includes(path) ? path : parts.find((part) => path.startsWith(`${part}/`));
  const wrong = [];
  for (const { path, text } of files) {
    if (FREE.test(path)) continue;
    const from = partOf(path);
    if (from === undefined) {
      wrong.push(`sim/${path} is in no layer: add its folder to sim/layers.json`);
      continue;
    }
    for (const match of text.matchAll(IMPORT)) {
      const target = posix.normalize(posix.join(posix.dirname(path), match[1] ?? match[2]));
      const line = text.slice(0, match.index + match[0].length).split('\n').length;
      const what = `sim/${path}:${line} imports ${posix.normalize(`sim/${target}`)}`;
      if (target.startsWith('../native/')) {
        if (!layers.native.includes(path)) wrong.push(`${what}: only ${layers.native} may`);
      } else if (!target.startsWith('..')) {
        const to = partOf(target);
        if (to === undefined || to === from || height.get(to) < height.get(from)) continue;
        const where = height.get(to) === height.get(from) ? 'beside' : 'above';
        wrong.push(`${what}: ${to} stands ${where} ${from} (sim/layers.json)`);
      }
    }
  }
  return wrong;
}

/** The TypeScript files of sim/. */
export function filesOfSim() {
  return readdirSync(HERE, { recursive: true })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(HERE, path), 'utf8') }));
}

export const LAYERS = JSON.parse(readFileSync(join(HERE, 'layers.json'), 'utf8'));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = wrongImports(filesOfSim(), LAYERS);
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
}
