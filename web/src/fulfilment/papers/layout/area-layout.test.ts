import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { defaultTemplate } from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { areaContent, areaDocument } from './area-layout.ts'
import { layoutPaper } from './layout.ts'

// 面单自定义区: the print client prints the items that the editor shows, where the editor shows them.

const template = defaultTemplate('label_area')
const values = {
  orderNo: 'SO261127018328',
  basket: 'W-0931 · 07',
  shop: '山隅家居',
  pieces: '3',
  sellerMemo: '补差价 10 元 <已收> ]]>',
}
const lines = Array.from({ length: 9 }, (_, n) => ({
  bin: `A-03-1${n}`,
  name: '四件套',
  spec: '雾蓝',
  quantity: '1',
}))
const data = { values, lines }

/** Writes the document with the data of one label, as the client does: `<%…%>` is code, `<%=…%>` a value. */
async function drawn(of: unknown): Promise<string> {
  const text = await readFile(new URL(`../../../../public${areaDocument}`, import.meta.url), 'utf8')
  const code = text
    .split(/<%([\s\S]*?)%>/)
    .map((part, at) => {
      if (at % 2 === 0) return `out += ${JSON.stringify(part)};`
      return part.startsWith('=') ? `out += String(${part.slice(1)});` : part
    })
    .join('\n')
  return String(new Function('_data', `let out = '';${code};return out`)(of))
}

test('the area has the items of the layout that the editor shows, at their places', () => {
  const paper = layoutPaper(template, data)
  const content = areaContent(template, data, 'https://oms.lan')
  assert.equal(content.templateURL, 'https://oms.lan/label-area-2.xml')
  assert.deepEqual([content.data.top, content.data.width, content.data.height], [92, 76, 38])
  assert.deepEqual(
    content.data.items.map(({ kind, x, y, w, h }) => ({ kind, x, y, w, h })),
    (paper.sheets[0] ?? []).map(({ kind, x, y, w, h }) => ({ kind, x, y, w, h })),
  )
  const order = content.data.items.find(
    (item) => item.kind === 'text' && item.text.includes('SO261127018328'),
  )
  assert.deepEqual(order, {
    ...{ kind: 'text', x: 2, y: 1, w: 40, h: 3.67, text: '订单号 SO261127018328' },
    ...{ pt: 8, weight: 'normal', align: 'left' },
  })
  const rest = content.data.items.filter((item) => item.kind === 'text' && item.text.startsWith('还有'))
  assert.equal(rest.length, 1, 'an area is one sheet')
})

test('the document that the print client draws puts each item where it is, and a text cannot end it', async () => {
  const content = areaContent(template, { ...data, lines: lines.slice(0, 1) }, '')
  const xml = await drawn(content.data)
  assert.ok(!xml.includes('<%'))
  const root = /^<\?xml[^>]*\?>\s*<layout [^>]*top="92" width="76" height="38"/
  assert.match(xml, root)
  const boxes = [
    ...xml.matchAll(
      /<layout left="([\d.]+)" top="([\d.]+)" width="([\d.]+)" height="([\d.]+)" style="zIndex/g,
    ),
  ]
  assert.deepEqual(
    boxes.map((box) => box.slice(1).map(Number)),
    content.data.items.map(({ x, y, w, h }) => [x, y, w, h]),
  )
  const texts = [...xml.matchAll(/<!\[CDATA\[([\s\S]*?)\]\]>/g)].map(([, text]) => text)
  assert.deepEqual(
    texts,
    content.data.items.flatMap((item) => (item.kind === 'bar' ? [] : [item.text])),
  )
  assert.ok(texts.some((text) => text?.includes('<已收> ]] >')))
  assert.match(xml, /fontSize:10;fontWeight:bold;align:right;"><!\[CDATA\[W-0931 · 07\]\]>/)
})

test('a barcode of an area goes to the client as its text', () => {
  const fields = template.options.fields.map((field) =>
    field.key === 'barcode'
      ? { ...field, on: true, place: { x: 2, y: 20, w: 50, h: 8, right: false } }
      : field,
  )
  const of = { ...template, options: { ...template.options, fields } }
  const { data: area } = areaContent(of, { values: { barcode: 'SO261127018328' }, lines: [] }, '')
  const codes = area.items.filter(({ kind }) => kind === 'code')
  assert.deepEqual(codes, [{ kind: 'code', x: 2, y: 20, w: 50, h: 8, text: 'SO261127018328' }])
})

test('a QR code of an area goes to the client as its text, and an area has no picture', async () => {
  const fields = template.options.fields.map((field) =>
    field.key === 'qr'
      ? { ...field, on: true, place: { x: 50, y: 4, w: 24, h: 22, right: true } }
      : { ...field, on: false },
  )
  assert.ok(!fields.some(({ key }) => key === 'picture'))
  const of = { ...template, options: { ...template.options, fields, qr: 'https://a.example/?b=1&c=<2>' } }
  const { data: area } = areaContent(of, { values: {}, lines: [] }, '')
  assert.deepEqual(area.items, [
    { kind: 'qr', x: 52, y: 4, w: 22, h: 22, text: 'https://a.example/?b=1&c=<2>' },
  ])
  assert.match(
    await drawn(area),
    /left="52" top="4" width="22" height="22"[^>]*><barcode type="qrcode"><!\[CDATA\[https:\/\/a\.example\/\?b=1&c=<2>\]\]><\/barcode>/,
  )
})
