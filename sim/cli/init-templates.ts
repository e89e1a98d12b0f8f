/** What `groundhog init` writes. */

export interface Dialect {
  /** TypeScript. */
  readonly typed: boolean;
  readonly extension: string;
  /** The extension that an import of such a file says. */
  readonly imported: string;
}

interface TemplateFile {
  readonly name: string;
  readonly content: string;
  readonly isTest: boolean;
}

/** In the line that a newcomer breaks to see a bug found. */
export const PLANTED = 'if (!seen.has(id))';

/** The scenario, its programs, its test. */
export function firstScenario({ typed, extension, imported }: Dialect): TemplateFile[] {
  const type = (text: string): string => (typed ? text : '');
  return [
    {
      name: `counter.sim.${extension}`,
      isTest: false,
      content: `import { scenario } from 'groundhog';

export default scenario({
  name: 'counter',
  roles: {
    server: { program: './counter.${extension}#server' },
    client: {
      program: './counter.${extension}#client',
      count: 3,
      args: { adds: 10 },
      workload: ['adds'], // what the smallest story of a failure may have less of
    },
  },
  // What the seed may do to it: latency, loss, duplicates and partitions. 'swarm' is everything:
  // under crashes this server would have to keep its sum on env.disk.
  faults: 'net',
  forMs: 10_000, // virtual
  check({ observed }) {
    const { sum } = observed['server-1']${type('!')};
    const clients = Object.keys(observed).filter((name) => name.startsWith('client'));
    const added = clients.reduce((all, name) => all + Number(observed[name]${type('!')}.added), 0);
    if (sum !== added) throw new Error(\`\${added} additions, and the sum is \${sum}\`);
  },
});
`,
    },
    {
      name: `counter.${extension}`,
      isTest: false,
      content: `${type("import type { Program } from 'groundhog';\n\n")}/** Keeps a sum. A request that arrives twice counts once. */
export const server${type(': Program')} = async (env) => {
  const seen = new Set();
  let sum = 0;
  env.net.serve('add', (id) => {
    ${PLANTED} sum += 1;
    seen.add(id);
    return sum;
  });
  env.observe('sum', () => sum);
};

/** Adds one, and asks again when no answer comes. */
export const client${type(': Program')} = async (env, args) => {
  const { adds } = args${type(' as { adds: number }')};
  let added = 0;
  env.observe('added', () => added);
  for (let i = 0; i < adds; i++) {
    const id = \`\${env.name}/\${i}\`;
    for (let done = false; !done; ) {
      try {
        await env.net.call('server-1', 'add', id, { timeoutMs: 100 });
        done = true;
        added += 1;
      } catch {
        env.sometimes('an answer was late', true);
      }
    }
  }
};
`,
    },
    {
      name: `counter.test.${extension}`,
      isTest: true,
      content: `import { explore } from 'groundhog/vitest';
import counter from './counter.sim.${imported}';

explore(counter, { seeds: 200 });
`,
    },
  ];
}
