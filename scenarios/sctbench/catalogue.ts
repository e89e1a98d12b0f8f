/** The suite, in its own order. */
import { account } from './account.ts';
import { arithmeticProg } from './arithmetic-prog.ts';
import { bluetoothDriver } from './bluetooth-driver.ts';
import { carter01 } from './carter01.ts';
import { circularBuffer } from './circular-buffer.ts';
import { deadlock01 } from './deadlock01.ts';
import { dinPhil } from './din-phil.ts';
import { fsbench } from './fsbench.ts';
import { lazy01 } from './lazy01.ts';
import { phase01 } from './phase01.ts';
import { queue } from './queue.ts';
import { reorder } from './reorder.ts';
import { stack } from './stack.ts';
import { sync01, sync02 } from './sync.ts';
import { tokenRing } from './token-ring.ts';
import { twostage } from './twostage.ts';
import type { Entry } from './variant.ts';
import { wronglock } from './wronglock.ts';

export const SCTBENCH: readonly Entry[] = [
  { name: 'account', program: account },
  { name: 'arithmetic_prog', program: arithmeticProg },
  { name: 'bluetooth_driver', program: bluetoothDriver },
  { name: 'carter01', program: carter01 },
  { name: 'circular_buffer', program: circularBuffer },
  { name: 'deadlock01', program: deadlock01 },
  ...[2, 3, 4, 5, 6, 7].map((count) => ({ name: `din_phil${count}`, program: dinPhil(count) })),
  { name: 'fsbench', program: fsbench },
  { name: 'lazy01', program: lazy01 },
  { name: 'phase01', program: phase01 },
  { name: 'queue', program: queue },
  { name: 'reorder_3', program: reorder(2, 1) },
  { name: 'reorder_4', program: reorder(3, 1) },
  { name: 'reorder_5', program: reorder(4, 1) },
  { name: 'reorder_10', program: reorder(9, 1) },
  { name: 'reorder_20', program: reorder(10, 10) },
  { name: 'stack', program: stack },
  { name: 'sync01', program: sync01 },
  { name: 'sync02', program: sync02 },
  { name: 'token_ring', program: tokenRing },
  { name: 'twostage', program: twostage(1) },
  { name: 'twostage_100', program: twostage(99) },
  { name: 'wronglock_3', program: wronglock('wronglock_3', 3) },
  { name: 'wronglock', program: wronglock('wronglock', 7) },
];

/** Those that only the deepest search of the paper found. */
export const SCTBENCH_DEEP: readonly string[] = ['reorder_10', 'reorder_20', 'twostage_100'];
