import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  defaultTemplate,
  type FieldPlace,
  fitted,
  forCourier,
  type PaperField,
  type PaperTemplate,
} from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { noted, redone, undone } from './history.ts'
import type { PaperItem } from './items.ts'
import { layoutPaper } from './layout.ts'
import { changed, placedAsRows, pulled, snapped, withField, within } from './places.ts'

const lines = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `四件套 ${n + 1}`, spec: '雾蓝', quantity: '2' }))
const values = { courier: '中通快递', barcode: 'SO261127018328', orderNo: 'SO261127018328', pieces: '3' }
const place = (...[x, y, w, h, right = false]: [number, number, number, number, boolean?]): FieldPlace => ({
  x,
  y,
  w,
  h,
  right,
})

/** A label with these fields alone, each at its place. */
function freeLabel(places: Partial<Record<PaperField, FieldPlace>>): PaperTemplate {
  const plain = defaultTemplate('label')
  const fields = plain.options.fields.map((field) => {
    const at = places[field.key]
    return { ...field, on: at !== undefined, ...(at ? { place: at } : {}) }
  })
  return { ...plain, options: { ...plain.options, free: true, fields } }
}

const texts = (items: readonly PaperItem[] = []) =>
  items.flatMap((item) => (item.kind === 'text' ? [item.text] : []))
const textAt = (items: readonly PaperItem[] = [], text: string) => {
  const item = items.find((one) => one.kind === 'text' && one.text === text)
  if (item?.kind !== 'text') assert.fail(`no ${text}`)
  return [item.x, item.y, item.w, item.pt, item.align]
}

test('each field of a free layout is printed at its own place, whatever the others have', () => {
  const template = freeLabel({
    orderNo: place(10, 120, 50, 5),
    courier: place(40, 3, 55, 9, true),
    barcode: place(12, 60, 76, 20),
    goods: place(5, 90, 90, 25),
  })
  const { sheets, checks } = layoutPaper(template, { values, lines: lines(2) })
  assert.equal(sheets.length, 1)
  assert.deepEqual(textAt(sheets[0], '订单号 SO261127018328'), [10, 120, 50, 9, 'left'])
  assert.deepEqual(textAt(sheets[0], '中通快递'), [40, 3, 55, 20, 'right'])
  assert.deepEqual(textAt(sheets[0], '四件套 1').slice(0, 2), [5, 95.33])
  const code = sheets[0]?.find(({ kind }) => kind === 'code')
  assert.deepEqual([code?.x, code?.y, code?.h], [12, 60, 20])
  assert.deepEqual([checks.lost, checks.over, checks.cut, checks.leftOut], [[], [], [], 0])
})

test('text has as many lines as its place is high, and fields that are cut, off the paper or over another one are named', () => {
  const text = '售后扫码 七天无理由 请本人签收'
  const template = freeLabel({
    text: place(5, 5, 20, 8),
    orderNo: place(70, 10, 40, 5),
    pieces: place(80, 12, 15, 5),
  })
  const { sheets, checks } = layoutPaper(
    { ...template, options: { ...template.options, text } },
    { values, lines: [] },
  )
  assert.equal(texts(sheets[0]).filter((line) => line.includes('售后') || line.includes('…')).length, 1)
  assert.equal(
    sheets[0]?.filter((item) => item.kind === 'text' && item.x === 5).length,
    1,
    'a place of 8 mm has room for one line of 9 pt and a half',
  )
  assert.deepEqual([checks.cut, checks.lost, checks.over], [['text'], ['orderNo'], ['orderNo', 'pieces']])
})

test('a list that is longer than its place goes on in the same place of the next sheet, which has the other fields too', () => {
  const template = freeLabel({ orderNo: place(5, 5, 60, 5), goods: place(5, 20, 90, 30) })
  const paged: PaperTemplate = { ...template, options: { ...template.options, overflow: 'pages' } }
  const { sheets } = layoutPaper(paged, { values, lines: lines(8) })
  assert.equal(sheets.length, 2)
  for (const sheet of sheets) assert.ok(texts(sheet).includes('订单号 SO261127018328'))
  assert.deepEqual(textAt(sheets[1], '四件套 5').slice(0, 2), [5, 25.33])
  assert.ok(sheets.flat().every((item) => item.kind !== 'text' || item.y + item.h <= 50 || item.pt === 8))
  const cut = layoutPaper(template, { values, lines: lines(8) })
  assert.deepEqual([cut.sheets.length, cut.checks.rowsFit + cut.checks.leftOut], [1, 8])
})

test('fields that the courier needs and the template has off are printed below the places', () => {
  const template = forCourier(freeLabel({ orderNo: place(5, 5, 60, 5) }))
  const { sheets } = layoutPaper(template, { values: { ...values, routing: '539-25' }, lines: [] })
  const [, y] = textAt(sheets[0], '539-25')
  assert.equal(y, 11)
})

test('the first places are those of the rows, the list has the room between, and the switch back changes nothing', () => {
  for (const kind of [
    'label',
    'packing_slip',
    'handover',
    'goods_label',
    'bin_label',
    'pick_list',
  ] as const) {
    const plain = defaultTemplate(kind)
    const free = placedAsRows(plain)
    assert.equal(free.options.free, true)
    const all = { ...free.options, fields: free.options.fields.filter(({ on }) => on) }
    for (const { place: at = assert.fail() } of all.fields) {
      assert.deepEqual(within(at, free), at, `${kind}: on the paper`)
      assert.deepEqual([at.x * 2, at.y * 2, at.w * 2, at.h * 2].map(Math.round), [
        ...[at.x * 2, at.y * 2, at.w * 2, at.h * 2],
      ])
    }
    assert.deepEqual(layoutPaper(free, { values, lines: lines(1) }).checks.over, [], kind)
    const back = { ...free, options: { ...free.options, free: false } }
    assert.deepEqual(
      layoutPaper(back, { values, lines: lines(1) }),
      layoutPaper(plain, { values, lines: lines(1) }),
    )
  }
})

test('a stored template keeps its places, and one without them is in rows', () => {
  const free = placedAsRows(defaultTemplate('packing_slip'))
  assert.deepEqual(fitted(free), free)
  const { free: _, ...options } = defaultTemplate('packing_slip').options
  const older: PaperTemplate = { ...defaultTemplate('packing_slip'), options }
  assert.equal(fitted(older).options.free, false)
})

test('a place is pulled by an edge while the opposite one stays, and never gets smaller than it can be held', () => {
  const at = place(10, 20, 30, 10)
  assert.deepEqual(pulled(at, { dx: 0, dy: 0 }, { x: 5, y: -1 }), place(15, 19, 30, 10))
  assert.deepEqual(pulled(at, { dx: -1, dy: 0 }, { x: 4, y: 9 }), place(14, 20, 26, 10))
  assert.deepEqual(pulled(at, { dx: 1, dy: 1 }, { x: 4, y: 9 }), place(10, 20, 34, 19))
  assert.deepEqual(pulled(at, { dx: -1, dy: -1 }, { x: 99, y: 99 }), place(38, 28, 2, 2))
  const paper = defaultTemplate('label')
  assert.deepEqual(within(place(95.26, -3, 30, 10), paper), place(70, 0, 30, 10))
})

test('an edge is drawn to that of another field, else to a whole millimetre', () => {
  const paper = defaultTemplate('label')
  const move = { dx: 0, dy: 0 } as const
  const near = snapped(place(20.5, 40.25, 30, 10), move, [place(50, 60, 40, 12.5)], paper)
  assert.deepEqual(near, { place: place(20, 40, 30, 10), guides: { x: [50], y: [] } })
  const size = snapped(place(20, 40, 30.5, 31.75), { dx: 1, dy: 1 }, [place(50, 60, 40, 12.5)], paper)
  assert.deepEqual(size, { place: place(20, 40, 30, 32.5), guides: { x: [50], y: [72.5] } })
})

test('a field that is added has its corner where it was dropped, or comes below the others', () => {
  const template = freeLabel({ orderNo: place(5, 5, 60, 5) })
  const added = withField(withField(template, 'pieces'), 'courier', { x: 61.3, y: 99 })
  const placeOf = (key: PaperField) => added.options.fields.find((one) => one.key === key)
  assert.deepEqual([placeOf('pieces')?.on, placeOf('pieces')?.place], [true, place(5, 11, 45, 4.5)])
  assert.deepEqual(placeOf('courier')?.place, place(55, 99, 45, 9.5))
  assert.equal(changed(added, 'courier', (one) => ({ ...one, on: false })).options.fields.length, 18)
})

test('changes are undone one by one, those of one drag together, and done again until something else is changed', () => {
  let past = noted({ before: [], now: 'a', after: [], group: undefined }, 'b')
  past = noted(noted(past, 'c', 'drag 1'), 'd', 'drag 1')
  past = undone(past)
  assert.equal(past.now, 'b')
  assert.equal(redone(past).now, 'd')
  assert.equal(undone(undone(past)).now, 'a')
  assert.deepEqual(redone(noted(past, 'e')).now, 'e')
})
