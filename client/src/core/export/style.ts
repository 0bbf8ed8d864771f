// How an exported page looks: light or dark as the reader's system is, and on paper.

export const STYLE = `
:root{color-scheme:light dark;--ground:#f6f3ee;--card:#fff;--own:#e4eee6;--ink:#1f1c19;--soft:#5f5850;--line:#ddd6cb;--link:#1d5b8f}
@media (prefers-color-scheme:dark){:root{--ground:#171513;--card:#24211e;--own:#20332a;--ink:#f1ece5;--soft:#b3aaa0;--line:#3a3530;--link:#8fc1ee}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:46rem;margin:0 auto;padding:1rem}
header{padding-top:2.5rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .5rem}
header p,footer p{margin:.15rem 0;color:var(--soft);font-size:.9rem}
h2{position:sticky;top:0;margin:1.5rem auto .75rem;width:fit-content;padding:.15rem .9rem;border-radius:1rem;background:var(--card);color:var(--soft);font-size:.8rem;border:1px solid var(--line)}
article{width:fit-content;max-width:min(85%,36rem);margin:.2rem 0;padding:.45rem .85rem;border-radius:1rem;background:var(--card)}
article.own{margin-inline-start:auto;background:var(--own)}
article:target{outline:2px solid var(--link)}
article p{margin:0}
.by{font-size:.85rem;font-weight:600}
.said>*{margin:0;white-space:pre-wrap}
.said pre{font:.9em/1.45 ui-monospace,monospace;margin:.3rem 0;padding:.5rem .7rem;border-radius:.5rem;background:var(--ground)}
.said b{font-weight:600;color:var(--link)}
.said code{font:.9em ui-monospace,monospace}
.said blockquote,.re{margin:.2rem 0;padding-inline-start:.7rem;border-inline-start:3px solid var(--line);color:var(--soft)}
.re{display:block;font-size:.9rem;text-decoration:none}
.none{font-style:italic;color:var(--soft)}
.foot{font-size:.75rem;color:var(--soft);text-align:end}
.marks{font-size:.85rem;color:var(--soft);margin:.25rem 0 0;padding:0;list-style:none}
.event{width:fit-content;max-width:85%;margin:.6rem auto;text-align:center;color:var(--soft);font-size:.85rem}
a{color:var(--link)}
footer{border-top:1px solid var(--line);margin-top:2rem}
@media print{h2{position:static}article{break-inside:avoid;border:1px solid var(--line)}}
`;

/** Of `STYLE`, for the page's own policy: nothing else is let in. A test keeps the two together. */
export const STYLE_HASH = "sha256-qRY5gyeWd2ZRhcZctWLaMB1/6NAJzI3Lo1KQ9aC8/2o=";
