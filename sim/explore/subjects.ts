/** Scenarios and files as subjects. */

import { dirname } from 'node:path';
import type { Making } from '../node/loader/sight.ts';
import type { ProgramSource } from '../node/node.ts';
import { type ProgramOptions, programPath, programSource } from '../node/program-source.ts';
import { realmSource } from '../node/realm/realm-source.ts';
import { nodeName } from '../scenario/node-name.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Subject } from './subject.ts';
import { WorldSubject } from './world-run.ts';

/** Compiles the programs of all roles; an open subject has fresh modules. @throws LoadError */
export function scenarioSubject(
  scenario: Scenario,
  provided: ReadonlyMap<string, object>,
  making: Making = 'plain',
): WorldSubject {
  const fresh = withModules({ modules: 'fresh', making }, scenario, provided);
  if (making === 'open' || scenario.modules === 'fresh') return fresh;
  return withModules({ modules: 'shared', making }, scenario, provided, fresh);
}

function withModules(
  how: Pick<ProgramOptions, 'modules' | 'making'>,
  scenario: Scenario,
  provided: ReadonlyMap<string, object>,
  fresh?: Subject,
): WorldSubject {
  const { name, faults, timeline, forMs, livenessMs, check, file } = scenario;
  const sources = new Map<string, ProgramSource>();
  for (const [role, { program }] of scenario.roles) {
    sources.set(role, programSource(programPath(program, dirname(file)), { ...how, provided }));
  }
  return new WorldSubject({
    name,
    faults,
    timeline,
    forMs,
    livenessMs,
    check,
    roles: scenario.roles,
    ...(fresh && { fresh }),
    populate(world, plan) {
      const absent = new Set(plan.absent);
      for (const [role, { count, args }] of scenario.roles) {
        const planned = plan.roles?.[role];
        for (let index = 1; index <= (planned?.count ?? count); index++) {
          const name = nodeName(role, index);
          if (absent.has(name)) continue;
          world.addNode({
            name,
            role,
            index,
            program: sources.get(role)!,
            args: planned?.args ?? args,
          });
        }
      }
    },
  });
}

/** A user's own file, unmodified, once per seed. @throws LoadError */
export function fileSubject(
  name: string,
  file: string,
  provided: ReadonlyMap<string, object>,
  making: Making = 'plain',
): WorldSubject {
  const program = realmSource(file, { argv: [], provided, making });
  return new WorldSubject({
    name,
    faults: FILE_FAULTS,
    timeline: [],
    forMs: FILE_MS,
    livenessMs: FILE_MS,
    populate(world) {
      world.addNode({ name: 'main', role: 'main', index: 1, program, args: null });
    },
  });
}

/** A plain file meets latencies and lags, unless told otherwise. */
export const FILE_FAULTS = 'calm';

/** Virtual ms that a plain file may take. */
const FILE_MS = 3_600_000;
