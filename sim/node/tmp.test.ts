import { test } from 'vitest';
import { realmSource } from './realm/realm-source.ts';
import { inMacrotask, trial } from './trial.ts';
test('x', async () => {
  const source = realmSource('/tmp/exp/r/a.mjs', { argv: [], provided: new Map() });
  const r = await inMacrotask(() => trial({ seed: '1', programs: { n: source } }));
  console.log(r, r.output.map(l => l.text).join('\n'));
  await inMacrotask(() => { for (let k=0;k<4;k++){ const n=200; const t=performance.now(); for (let j=0;j<n;j++) trial({ seed: ''+j, programs: { n: source } }); console.log('trial',((performance.now()-t)/n*1000).toFixed(1),'us');} });
});
