"""The look of the report: one style sheet, for narrow and wide screens and for paper."""

STYLE = """
:root{--e:#b3261e;--w:#8a5a00;--n:#33557d;--ink:#1d2430;--soft:#566070;--line:#d9dee5;--pale:#f6f7f9}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);background:#fff}
main{max-width:1200px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 4px}
h2{font-size:1.25rem;margin:36px 0 10px}
h3{font-size:1rem;margin:16px 0 6px}
p{margin:6px 0}
.en{color:var(--soft);font-size:.88em;display:block}
li .en,thead .en,summary .en{display:inline}
th[scope=row]{width:30%}
li .en::before,summary .en::before{content:" · "}
.sum{display:flex;flex-wrap:wrap;gap:8px 28px;margin:16px 0;padding:0;list-style:none}
.sum b{font-size:1.5rem;margin-right:6px}
.error{color:var(--e)}
.warning{color:var(--w)}
.note{color:var(--n)}
.verdict{padding:12px 16px;border-left:4px solid var(--n);background:var(--pale);margin:12px 0}
.verdict.error{border-color:var(--e);color:var(--ink)}
.verdict.warning{border-color:#d79b00;color:var(--ink)}
figure{margin:0;border:1px solid var(--line);border-radius:6px;overflow:hidden;background:var(--pale)}
figcaption{padding:6px 10px;font-size:.85rem;color:var(--soft);background:#fff;border-top:1px solid var(--line)}
svg{display:block;width:100%;height:auto}
.map svg{max-height:85vh}
svg path,svg circle{vector-effect:non-scaling-stroke}
.outline{fill:none;stroke:#1d2430;stroke-width:1.8}
.lot{stroke:#6b7482;stroke-width:.5;stroke-linejoin:round}
.other{fill:#eef3e6;stroke:#9aa88a;stroke-width:.6}
.drawn{fill:none;stroke:#1d2430;stroke-width:.8;stroke-dasharray:3 2}
.f{stroke-width:2;fill-opacity:.45;stroke-linejoin:round}
.f.error{fill:var(--e);stroke:var(--e)}
.f.warning{fill:#e0a100;stroke:#b06a00}
.f.note{fill:#8fb3e0;stroke:var(--n)}
.ring{fill:none;stroke-width:2}
.ring.error,.dots.error{stroke:var(--e)}
.ring.warning,.dots.warning{stroke:#b06a00}
.ring.note,.dots.note{stroke:var(--n)}
.dots{fill:none;stroke-width:5;stroke-linecap:round}
.pin text{font:600 13px system-ui,sans-serif;fill:#fff;text-anchor:middle;dominant-baseline:central}
.pin.error circle{fill:var(--e)}
.pin.warning circle{fill:var(--w)}
.pin.note circle{fill:var(--n)}
.pin circle{stroke:#fff;stroke-width:1.5}
.name{font:10px system-ui,sans-serif;fill:#1d2430;text-anchor:middle;dominant-baseline:central;
paint-order:stroke;stroke:#fff;stroke-width:2.5px}
.bar{stroke:#1d2430;stroke-width:2;fill:none}
.insets{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:12px;margin:12px 0}
details.kind{border:1px solid var(--line);border-radius:6px;margin:10px 0;background:#fff}
details.kind>summary{cursor:pointer;padding:10px 14px;font-weight:600}
details.kind>summary:hover{background:var(--pale)}
details.kind[open]>summary{border-bottom:1px solid var(--line)}
details.kind>div{padding:4px 14px 14px}
.tag{display:inline-block;min-width:3.4em;text-align:center;border-radius:4px;padding:0 6px;margin-right:8px;color:#fff;
font-size:.85rem}
.tag.error{background:var(--e)}
.tag.warning{background:var(--w)}
.tag.note{background:var(--n)}
.count{font-variant-numeric:tabular-nums;color:var(--soft);font-weight:400;white-space:nowrap}
.fix{background:#eef6ee;border-left:4px solid #3f8f4f;padding:8px 12px;margin:10px 0}
.basis{color:var(--soft);font-size:.85rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:6px 10px;border-bottom:1px solid var(--line)}
th{font-size:.82rem;color:var(--soft);font-weight:600}
td.no,td.at,td.num,th.num{font-variant-numeric:tabular-nums}
td.num,th.num{text-align:right;white-space:nowrap}
td.at{font-size:.85rem;white-space:nowrap}
td.at b{font-weight:400;color:var(--soft)}
code{font:.92em ui-monospace,Consolas,monospace;background:var(--pale);padding:0 4px;border-radius:3px}
tr:target{background:#fff3c4}
tr.off td{background:#fdf3e0}
.chip{display:inline-block;width:.9em;height:.9em;border:1px solid #6b7482;border-radius:2px;margin-right:6px;
vertical-align:-1px}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;padding:8px 12px;font-size:.82rem}
.wide{overflow-x:auto}
ol.how{padding-left:1.3em;margin:6px 0}
@media (max-width:640px){main{padding:16px 12px 48px}
.list thead{display:none}
.list tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}
.list td{display:inline-block;border:0;padding:2px 12px 2px 0}
.list td.what{display:block}
.list td.at{white-space:normal;display:block}
.list td.at br{display:none}
.list td.at:empty{display:none}
.list td.at::before{color:var(--soft)}
.list .drawn-at::before{content:"Trong bản vẽ: "}
.list .true-at::before{content:"VN-2000 (Bắc; Đông): "}
.list .handle::before{content:"Đối tượng: "}
.balance td,.balance th{padding:6px 5px;font-size:.88rem}
.pin g.dot{transform:scale(2.8)}
.insets{grid-template-columns:repeat(2,1fr);gap:8px}
.insets figcaption{padding:4px 6px}
.dots{stroke-width:4}
}
@media print{main{max-width:none;padding:0}
body{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
h1,h2,summary,.fix{break-after:avoid;break-inside:avoid}
.insets{grid-template-columns:repeat(4,1fr);gap:6px}
th,td{padding:3px 6px}
tr,figure,.insets figure{break-inside:avoid}
details::details-content{content-visibility:visible;display:block}
details>summary{list-style:none}
.map{break-inside:avoid}
.map svg{max-height:125mm}
}
"""
