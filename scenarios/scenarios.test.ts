import { explore } from 'groundhog/vitest';
import bank from './bank.sim.ts';
import bankNoFencing from './bank-no-fencing.sim.ts';
import nativeMovable from './native-movable.sim.ts';
import nativeMovableLateLook from './native-movable-late-look.sim.ts';
import nativePool from './native-pool.sim.ts';
import nativePoolLateLook from './native-pool-late-look.sim.ts';
import register from './register.sim.ts';
import registerNoWriteBack from './register-no-write-back.sim.ts';

explore(register, { seeds: 60 });
explore(registerNoWriteBack, { seeds: 200 });
explore(bank, { seeds: 60 });
explore(bankNoFencing, { seeds: 200 });
explore(nativeMovable, { seeds: 60 });
explore(nativeMovableLateLook, { seeds: 20 });
explore(nativePool, { seeds: 60 });
explore(nativePoolLateLook, { seeds: 20 });
