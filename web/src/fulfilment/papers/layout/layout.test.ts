import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  defaultTemplate,
  fitted,
  forCourier,
  type PaperTemplate,
} from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { code128 } from './code128.ts'
import type { PaperData, PaperItem } from './items.ts'
import { layoutPaper } from './layout.ts'
import { widthOf, wrap } from './measure.ts'

// The times on papers are written in the user's language, which the browser stores.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { courierLabelData } = await import('../paper-data.ts')

const slip = defaultTemplate('packing_slip')
const values = { title: '山隅家居旗舰店', barcode: 'SO261127018328', orderNo: 'SO261127018328', pieces: '3' }
const goods = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `四件套 ${n + 1}`, spec: '雾蓝', quantity: '2' }))
const slipOf = (count: number): PaperData => ({ values, lines: goods(count) })

const texts = (items: readonly PaperItem[] = []) =>
  items.flatMap((item) => (item.kind === 'text' ? [item.text] : []))
const textAt = (items: readonly PaperItem[] = [], text: string) => {
  const item = items.find((one) => one.kind === 'text' && one.text === text)
  if (item?.kind !== 'text') assert.fail(`no ${text}`)
  const { x, y, w, h, pt, bold, align } = item
  return { x, y, w, h, pt, bold, align }
}
const withOptions = (of: PaperTemplate, options: Partial<PaperTemplate['options']>): PaperTemplate => ({
  ...of,
  options: { ...of.options, ...options },
})

test('the fields of a packing slip stand where its template puts them, to a hundredth of a millimetre', () => {
  const { sheets, checks, widthMm, heightMm } = layoutPaper(slip, slipOf(1))
  const [sheet] = sheets
  assert.deepEqual([widthMm, heightMm, sheets.length], [148, 210, 1])
  assert.deepEqual(textAt(sheet, '山隅家居旗舰店'), {
    ...{ x: 5, y: 5, w: 68, h: 7.34, pt: 16, bold: true, align: 'left' },
  })
  assert.deepEqual(textAt(sheet, '订单号 SO261127018328'), {
    ...{ x: 5, y: 15.2, w: 138, h: 4.13, pt: 9, bold: false, align: 'left' },
  })
  assert.deepEqual(textAt(sheet, '四件套 1'), {
    ...{ x: 5, y: 25.86, w: 77.67, h: 4.13, pt: 9, bold: false, align: 'left' },
  })
  assert.deepEqual(textAt(sheet, '2'), {
    ...{ x: 132.84, y: 25.86, w: 9.16, h: 4.13, pt: 9, bold: true, align: 'right' },
  })
  const code = sheet?.find(({ kind }) => kind === 'code')
  assert.deepEqual([code?.x, code?.y, code?.w, code?.h], [75, 5, 68, 9])
  assert.deepEqual(checks, {
    ...{ leastPt: 9, rows: 1, rowsFit: 1, leftOut: 0, cut: [], lost: [], over: [], badCode: false },
  })
})

test('a list that is too long goes on below its head on the next sheet, and the last sheet has the fields after it', () => {
  const { sheets, checks } = layoutPaper(slip, slipOf(40))
  assert.equal(sheets.length, 2)
  assert.deepEqual([checks.rows, checks.rowsFit, checks.leftOut], [40, 34, 0])
  assert.ok(!texts(sheets[0]).includes('件数 3'))
  assert.deepEqual(texts(sheets[1]).slice(0, 4), ['商品', '规格', '件', '四件套 35'])
  assert.equal(textAt(sheets[1], '四件套 35').y, 10.33)
  assert.ok(texts(sheets[1]).includes('件数 3'))
  assert.deepEqual(
    sheets.map((sheet) => texts(sheet).at(-1)),
    ['第 1 / 2 页', '第 2 / 2 页'],
  )
})

test('fields after the list that find no room below its last row take it with them to the next sheet', () => {
  const { sheets } = layoutPaper(slip, slipOf(34))
  assert.equal(sheets.length, 2)
  assert.ok(texts(sheets[1]).includes('四件套 34') && texts(sheets[1]).includes('件数 3'))
})

test('a label stays one sheet: its last line says how many rows are left out, and nothing overlaps what stands below', () => {
  const label = defaultTemplate('label')
  const { sheets, checks } = layoutPaper(label, slipOf(40))
  assert.equal(sheets.length, 1)
  assert.equal(checks.leftOut, 40 - checks.rowsFit)
  const note = textAt(sheets[0], `还有 ${checks.leftOut} 行，见拣货单`)
  const next = textAt(sheets[0], '订单号 SO261127018328')
  assert.ok(note.y + note.h <= next.y)
  assert.ok((sheets[0] ?? []).every(({ y, h }) => y + h <= 150))
})

test('fields and columns are printed in the order of the template, and what is off is not printed', () => {
  const fields = slip.options.fields.map((one) => ({
    ...one,
    half: false,
    on: ['pieces', 'goods'].includes(one.key),
  }))
  const last = fields.filter(({ key }) => key === 'goods')
  const columns = [
    { key: 'quantity' as const, on: true },
    { key: 'spec' as const, on: false },
    { key: 'name' as const, on: true },
  ]
  const template = withOptions(slip, {
    fields: [...fields.filter(({ key }) => key !== 'goods'), ...last],
    columns,
  })
  const [sheet] = layoutPaper(template, slipOf(1)).sheets
  assert.deepEqual(texts(sheet), ['件数 3', '件', '商品', '2', '四件套 1'])
})

test('what is cut, what finds no room and text that is too small are named', () => {
  const fields = slip.options.fields.map((one) => ({ ...one, size: one.key === 'orderNo' ? 6 : one.size }))
  const message = '请发顺丰，谢谢。'.repeat(40)
  const small = layoutPaper(withOptions(slip, { fields }), {
    values: { ...values, buyerMessage: message },
    lines: goods(1),
  })
  assert.deepEqual([small.checks.leastPt, small.checks.cut], [6, ['buyerMessage']])
  assert.equal(texts(small.sheets[0]).filter((text) => text.includes('顺丰')).length, 4)
  const tag = { ...defaultTemplate('goods_label'), heightMm: 20 }
  const lost = layoutPaper(tag, {
    values: { name: '四件套', spec: '雾蓝', barcode: 'A1', code: 'A1' },
    lines: [],
  })
  assert.deepEqual(lost.checks.lost, ['code'])
})

test('a signature has a line to its end, and an English template speaks English', () => {
  const manifest = withOptions(defaultTemplate('handover'), { language: 'en' })
  const { sheets } = layoutPaper(manifest, { values: { courier: 'YTO', parcels: '2' }, lines: [] })
  const name = textAt(sheets[0], 'Handed over by')
  const line = sheets[0]?.find(({ kind, y }) => kind === 'bar' && y > name.y)
  assert.deepEqual([line?.x, line?.w, line?.h], [name.x + name.w, 99 - name.w, 0.2])
  assert.ok(texts(sheets[0]).includes('Parcels 2'))
})

test('a barcode whose bars are too thin for a thermal printer is named', () => {
  const tag = defaultTemplate('goods_label')
  const of = (barcode: string) => layoutPaper(tag, { values: { barcode }, lines: [] }).checks.badCode
  assert.equal(of('6901234567892'), false)
  assert.equal(of('SKU-LONG-CODE-00017'), true)
  assert.equal(of('四件套'), true)
})

// Widths as another writer of barcodes (bwip-js 4.11) gives them.
const known: Record<string, string> = {
  SO261127018328: '2112142131131331211131413212212312123122122221221142123221122113132331112',
  '1234567': '2112321122321311233311211141313121311321312331112',
  'A-03-12': '2112141113231221321231222211321221321232212232111211242331112',
  AB12: '2112141113231311231232212232112211322331112',
  '12': '2112321122321222312331112',
  'W-0931': '2112143113211221321131412212132123213113212331112',
}

test('barcodes are those of Code 128', () => {
  for (const [text, widths] of Object.entries(known)) assert.equal(code128(text)?.join(''), widths, text)
  assert.equal(code128('库位'), undefined)
  assert.equal(code128(''), undefined)
})

test('Chinese breaks anywhere and other words at spaces, and the last line ends with an ellipsis if text is left', () => {
  assert.equal(widthOf('四件套', 10), 3 * 10 * (25.4 / 72))
  assert.deepEqual(wrap('四件套雾蓝', { width: 11, pt: 10, most: 2 }), {
    lines: ['四件套', '雾蓝'],
    cut: false,
  })
  assert.deepEqual(wrap('blue king size', { width: 20, pt: 10, most: 2 }), {
    lines: ['blue king', 'size'],
    cut: false,
  })
  assert.deepEqual(wrap('四件套雾蓝一米八', { width: 11, pt: 10, most: 2 }), {
    lines: ['四件套', '雾蓝…'],
    cut: true,
  })
})

const label = {
  ...{ courier: 'ZTO', waybillNo: '7860000000003', routing: '539-25-639', bag: 'P639 浙江集', road: '19' },
  receiver: { name: '王**', phone: '138****1234', address: '浙江省杭州市西湖区文三路 1 号' },
  sender: { name: '李库', phone: '13900001111', address: '浙江省杭州市文一西路 1 号' },
}
const names = { shop: () => '山隅', courier: () => '中通快递', printed: '11-28 16:05 林晓' }

test('a label whose number a source gave has what the courier needs on one sheet, without goods too', () => {
  const template = forCourier(defaultTemplate('label'))
  const { sheets, checks } = layoutPaper(template, courierLabelData(label, [], template, names))
  assert.equal(sheets.length, 1)
  assert.deepEqual(textAt(sheets[0], '539-25-639'), {
    ...{ x: 5, y: 15.37, w: 90, h: 16.51, pt: 36, bold: true, align: 'left' },
  })
  assert.deepEqual(texts(sheets[0]).slice(0, 7), [
    ...['中通快递', '打印 11-28 16:05 林晓', '539-25-639', 'P639 浙江集 · 19', '运单号 7860000000003'],
    ...['王** 138****1234', '浙江省杭州市西湖区文三路 1 号'],
  ])
  assert.deepEqual([checks.cut, checks.lost, checks.badCode], [[], [], false])
})

test('a template that was stored before labels had a sorting code prints it nevertheless', () => {
  const stored = defaultTemplate('label')
  const fields = stored.options.fields.filter(({ key }) => !['routing', 'bag', 'waybill'].includes(key))
  const template = forCourier(fitted(withOptions(stored, { fields })))
  const shown = texts(layoutPaper(template, courierLabelData(label, [], template, names)).sheets[0])
  assert.ok(shown.includes('539-25-639') && shown.includes('运单号 7860000000003'))
  assert.ok(!shown.some((text) => text.includes('P639')))
})

const withFields = (of: PaperTemplate, on: Record<string, number>) =>
  of.options.fields.map((field) => {
    const size = on[field.key]
    return size === undefined ? { ...field, on: false } : { ...field, on: true, half: false, size }
  })

test('a template has three texts of its own, a QR code and a picture, each where its fields are', () => {
  const own = withOptions(slip, {
    fields: withFields(slip, { text: 9, text2: 9, text3: 9, qr: 20, picture: 15 }),
    ...{ text: '七天无理由', text2: '扫码找客服', text3: '', qr: 'https://shanyu.example/kf' },
    picture: 'data:image/png;base64,AAAA',
  })
  const { sheets, checks } = layoutPaper(own, slipOf(1))
  const [sheet = []] = sheets
  assert.deepEqual(texts(sheet), ['七天无理由', '扫码找客服'])
  const [code, picture] = sheet.filter(({ kind }) => kind === 'qr' || kind === 'picture')
  if (code?.kind !== 'qr' || picture?.kind !== 'picture') assert.fail()
  assert.deepEqual(
    [code.x, code.y, code.w, code.h, code.text],
    [5, 15.66, 20, 20, 'https://shanyu.example/kf'],
  )
  // 25 bytes with the error correction M need version 2, which has 25 modules. The finder pattern in its corner is the same in each QR code.
  assert.deepEqual([code.rows.length, code.rows[0]?.length], [25, 25])
  assert.deepEqual(
    code.rows.slice(0, 7).map((row) =>
      row
        .slice(0, 8)
        .map((black) => (black ? '#' : '.'))
        .join(''),
    ),
    ['#######.', '#.....#.', '#.###.#.', '#.###.#.', '#.###.#.', '#.....#.', '#######.'],
  )
  assert.deepEqual(
    [picture.y, picture.w, picture.h, picture.url],
    [36.86, 138, 15, 'data:image/png;base64,AAAA'],
  )
  assert.equal(checks.badCode, false)
})

test('a QR code without a text of its own says what the barcode says, and one that is too small for the printer is named', () => {
  const of = (size: number) =>
    layoutPaper(withOptions(slip, { fields: withFields(slip, { qr: size }) }), slipOf(1))
  const [code] = of(20).sheets[0] ?? []
  assert.deepEqual(code?.kind === 'qr' && code.text, 'SO261127018328')
  assert.deepEqual([of(20).checks.badCode, of(6).checks.badCode], [false, true])
})

test('a template of the release before has the new fields off, and is laid out as it was', () => {
  const { fields, ...options } = slip.options
  const known = new Set(['text2', 'text3', 'qr', 'picture'])
  const before = { ...slip, options: { ...options, fields: fields.filter(({ key }) => !known.has(key)) } }
  assert.deepEqual(layoutPaper(fitted(before), slipOf(2)), layoutPaper(before, slipOf(2)))
  assert.deepEqual(
    fitted(before).options.fields.filter(({ on, key }) => on && known.has(key)),
    [],
  )
})

test('the papers of a present have no amounts and none of the fields that are off on presents; what the courier needs stays', () => {
  const offOnPresents = ['shop', 'receiver', 'goods', 'payment']
  const give = (of: PaperTemplate): PaperTemplate =>
    withOptions(of, {
      fields: of.options.fields.map((one) => ({
        ...one,
        on: true,
        offOnPresents: offOnPresents.includes(one.key),
      })),
      columns: of.options.columns.map((one) => ({ ...one, on: true })),
    })
  const data: PaperData = {
    values: { ...values, shop: '山隅家居', receiver: '欧阳** 广东 深圳', payment: '297.00' },
    lines: [{ name: '四件套', quantity: '1', price: '99.00' }],
  }
  const plainLabel = defaultTemplate('label')
  const shown = (of: PaperTemplate, isPresent: boolean) =>
    layoutPaper(give(of), { ...data, isPresent }).sheets.flatMap(texts)
  const has = (of: PaperTemplate, isPresent: boolean) =>
    ['四件套', '99.00', '实付 297.00', '欧阳** 广东 深圳'].filter((text) =>
      shown(of, isPresent).includes(text),
    )
  assert.deepEqual(has(slip, false), ['四件套', '99.00', '实付 297.00', '欧阳** 广东 深圳'])
  assert.deepEqual(has(slip, true), [])
  assert.deepEqual(has(plainLabel, false), ['四件套', '欧阳** 广东 深圳'])
  assert.deepEqual(has(plainLabel, true), ['欧阳** 广东 深圳'])
  const withList = withOptions(slip, { columns: give(slip).options.columns })
  const printed = layoutPaper(withList, { ...data, isPresent: true }).sheets.flatMap(texts)
  assert.equal(printed.includes('四件套'), true)
  assert.equal(
    printed.some((text) => text === '99.00' || text === '单价'),
    false,
  )
})
