/** How the page looks: in light, in dark, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2126; --dim: #5b6570; --paper: #ffffff; --panel: #f4f6f8; --edge: #d5dbe1;
  --good: #1a7337; --bad: #b3261e; --odd: #8a5a00; --lane: #8d99a6; --arrow: #35659c; --hover: #fff3c4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ec; --dim: #9aa5b1; --paper: #14181c; --panel: #1d2329;
  --edge: #36404a; --good: #6ccf8a; --bad: #ff8a80; --odd: #f0b95a; --lane: #66727f; --arrow: #8ab8ec; --hover: #3a3413; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px; max-width: 1500px; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 32px 0 8px; } h3 { font-size: 16px; margin: 24px 0 8px; }
p { margin: 4px 0; } a { color: inherit; } code, pre, kbd { font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; }
pre { background: var(--panel); border: 1px solid var(--edge); border-radius: 6px; padding: 8px 12px; margin: 8px 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 4px 16px 4px 0; border-bottom: 1px solid var(--edge); }
th { color: var(--dim); font-weight: 500; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.passed { color: var(--good); } .violated, .diverged { color: var(--bad); } .inconclusive, .vacuous { color: var(--odd); }
.verdict { font-weight: 600; }
section.failure { border-left: 4px solid var(--bad); padding-left: 16px; margin-top: 24px; }
.story { overflow-x: auto; border: 1px solid var(--edge); border-radius: 6px; margin: 8px 0; }
.story > div { width: max-content; min-width: 100%; }
.lanes { display: flex; padding-left: 8px; background: var(--panel); border-bottom: 1px solid var(--edge); }
.lane { width: 76px; padding: 6px 3px; text-align: center; font-size: 12px; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
ol { list-style: none; margin: 0; padding: 0; }
li { display: flex; align-items: center; height: 34px; padding: 0 12px 0 8px; gap: 10px; }
li svg { flex: none; overflow: visible; pointer-events: none; }
li a, li .sign { flex: none; width: 36px; text-align: right; text-decoration: none; color: var(--dim); font-variant-numeric: tabular-nums; }
li .ms { flex: none; width: 100px; text-align: right; color: var(--dim); font-variant-numeric: tabular-nums; font-size: 13px; }
li p { margin: 0; white-space: nowrap; }
li:hover, li:target, li:focus-within { background: var(--hover); }
li:hover .arrow, li:target .arrow, li:focus-within .arrow { stroke-width: 3.5; }
li.fault p { font-weight: 600; color: var(--odd); } li.fold p { font-style: italic; color: var(--dim); }
li.log p, li.trace p, li.print p { font: 13px ui-monospace, Menlo, Consolas, monospace; }
li.end p { font-weight: 600; color: var(--bad); }
li svg path, .legend path { fill: none; stroke: var(--lane); stroke-width: 1.5; }
li svg text { fill: var(--dim); font: 10px system-ui, sans-serif; }
path.well { stroke: var(--lane); } path.strained { stroke: var(--odd); stroke-width: 3; }
path.cut { stroke: var(--bad); stroke-width: 3; stroke-dasharray: 7 3; } path.down { stroke: var(--lane); stroke-dasharray: 1 6; }
path.mark { fill: var(--ink); stroke: var(--paper); } li.fault path.mark { fill: var(--odd); } li.end path.mark { fill: var(--bad); }
path.arrow { stroke: var(--arrow); stroke-width: 1.6; } path.head { fill: var(--arrow); stroke: none; } path.lost { stroke: var(--bad); stroke-dasharray: 3 3; }
.legend { color: var(--dim); font-size: 13px; } .legend svg { vertical-align: middle; }
.checker { background: #fff; color: #222; color-scheme: light; border: 1px solid var(--edge); border-radius: 6px; padding: 8px 12px; margin: 8px 0; }
@media print { :root { --ink: #000; --dim: #444; --paper: #fff; --panel: #f4f6f8; --edge: #bbb; --good: #1a7337; --bad: #b3261e;
  --odd: #8a5a00; --lane: #777; --arrow: #35659c; --hover: transparent; }
  body { padding: 0; max-width: none; font-size: 11px; } .story, .scroll { overflow: visible; border: 0; }
  .story > div { width: auto; } li { break-inside: avoid; } li p { white-space: normal; font-size: 10px; line-height: 1.15; max-height: 34px; overflow: hidden; } }
`;
