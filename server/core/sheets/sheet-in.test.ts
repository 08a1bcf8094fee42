import assert from 'node:assert/strict'
import { test } from 'node:test'
import exceljs from 'exceljs'
import iconv from 'iconv-lite'
import { AppError } from '../../errors.ts'
import { zip } from '../../lib/files/zip.ts'
import { readSheet } from './sheet-in.ts'

async function workbook(fill: (sheet: exceljs.Worksheet) => void): Promise<Buffer> {
  const book = new exceljs.Workbook()
  fill(book.addWorksheet('商品'))
  book.addWorksheet('别的').addRow(['不看'])
  return Buffer.from(await book.xlsx.writeBuffer())
}

async function zipped(files: Record<string, string>): Promise<Buffer> {
  const chunks: Buffer[] = []
  const entries = Object.entries(files).map(([name, text]) => ({ name, text: [text] }))
  for await (const chunk of zip(entries)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function refusal(bytes: Buffer): string {
  try {
    readSheet(bytes)
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
  return 'read'
}

test('a workbook is read as texts: formulas by their values, dates as dates, barcodes with every digit', async () => {
  const bytes = await workbook((sheet) => {
    sheet.addRow(['编码', '价', '条码', '日期', '公式', '富文本', '错误'])
    sheet.addRow([])
    const row = sheet.addRow([' A&B <1> ', 29.9, 6_901_234_567_890, new Date(Date.UTC(2026, 10, 24, 8, 30))])
    row.getCell(5).value = { formula: 'B3*2', result: 59.8 }
    row.getCell(6).value = { richText: [{ text: '雾' }, { text: '蓝', font: { bold: true } }] }
    row.getCell(7).value = { error: '#N/A' }
    row.getCell(9).value = true
    sheet.mergeCells('A10:C12')
  })
  assert.deepEqual(readSheet(bytes), [
    ['编码', '价', '条码', '日期', '公式', '富文本', '错误'],
    [],
    ['A&B <1>', '29.9', '6901234567890', '2026-11-24 08:30:00', '59.8', '雾蓝', '', '', 'TRUE'],
  ])
})

test('cells that are written as usual and cells that are written otherwise are read the same', async () => {
  const read = async (cells: string, strings = '') =>
    readSheet(
      await zipped({
        'xl/worksheets/sheet1.xml': `<worksheet><sheetData><row>${cells}</row></sheetData></worksheet>`,
        'xl/sharedStrings.xml': `<sst>${strings}</sst>`,
        'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
      }),
    )
  const strings =
    '<si><t>零</t></si><si/><si><t xml:space="preserve">A&amp;B</t></si><si><r><t>雾</t></r><r><t>蓝</t></r></si><si><t>四_x0041_</t></si>'
  const cells = [
    ...['<c r="A1" t="s"><v>0</v></c>', '<c r="B1" s="1" t="s"><v>2</v></c>', '<c r="C1" t="s"><v>3</v></c>'],
    ...['<c r="E1" s="1"><v>46000</v></c>', '<c r="F1"><v>29.899999999999999</v></c>', '<c r="G1" s="1"/>'],
    ...[
      '<c r="H1" t="b"><v>1</v></c>',
      '<c r="I1" t="str"><v>a&lt;b</v></c>',
      '<c r="J1" t="s"><v>4</v></c>',
    ],
    ...[
      '<c r="K1" t="n"><v></v></c>',
      '<c><v>7</v></c>',
      '<c r="AA1" t="e"><v>#N/A</v></c>',
      '<c r="AB1" t="s"><v>1</v></c>',
    ],
    '<c r="AC1" t="str"><v>完</v></c>',
  ]
  const shown = [
    ...['零', 'A&B', '雾蓝', '', '2025-12-09', '29.9', '', 'TRUE', 'a<b', '四A', '', '7'],
    ...Array.from({ length: 16 }, () => ''),
    '完',
  ]
  assert.deepEqual(await read(cells.join(''), strings), [shown])
  assert.deepEqual(
    await read(cells.join('').replaceAll('<c ', '<c  '), strings.replaceAll('<si>', '<si >')),
    [shown],
  )
  for (const cell of cells)
    assert.deepEqual(
      await read(`<c r="A1"><v>1</v></c>${cell}`, strings),
      await read(`<c r="A1"><v>1</v></c>${cell.replace('<c', '<c ')}`, strings),
    )
})

test('text files are read in UTF-8 and in what Chinese spreadsheets write, with quotes and any separator', () => {
  const text = '编码,名称\r\nA1,"四件套, ""雾蓝"""\r\nA2,\r\n'
  const rows = [
    ['编码', '名称'],
    ['A1', '四件套, "雾蓝"'],
    ['A2', ''],
  ]
  assert.deepEqual(readSheet(Buffer.from(`\ufeff${text}`)), rows)
  assert.deepEqual(readSheet(iconv.encode(text, 'gb18030')), rows)
  assert.deepEqual(readSheet(Buffer.from('a\tb,c\td\n1\t2\t3')), [
    ['a', 'b,c', 'd'],
    ['1', '2', '3'],
  ])
})

test('what is no sheet is refused, and what is too large as well', async () => {
  assert.equal(refusal(Buffer.from('')), 'sheet_unreadable')
  assert.equal(refusal(Buffer.from('\n\n')), 'sheet_unreadable')
  assert.equal(refusal(Buffer.from([1, 0, 2])), 'sheet_unreadable')
  assert.equal(refusal(Buffer.from('a,b\n"1,2')), 'sheet_unreadable')
  assert.equal(refusal(Buffer.from('d0cf11e0a1b11ae1', 'hex')), 'sheet_unreadable')
  assert.equal(refusal(Buffer.from('PK and nothing else')), 'sheet_unreadable')
  assert.equal(refusal(await zipped({ 'other.xml': '' })), 'sheet_unreadable')
  const whole = await workbook((sheet) => sheet.addRow(['a']))
  assert.equal(refusal(whole.subarray(0, whole.length - 60)), 'sheet_unreadable')
  assert.equal(refusal(Buffer.alloc(5_000_001, 'a')), 'sheet_too_large')
  assert.equal(refusal(Buffer.from('a\n'.repeat(5002))), 'sheet_too_large')
  assert.equal(refusal(Buffer.from(`a${','.repeat(101)}`)), 'sheet_too_large')
  assert.equal(refusal(Buffer.from(`a\n${'b'.repeat(2001)}`)), 'sheet_too_large')
})

test('a long string that many cells show counts in each of them', async () => {
  const cells = Array.from(
    { length: 90 },
    (_, at) =>
      `<c r="${at < 26 ? '' : String.fromCharCode(64 + at / 26)}${String.fromCharCode(65 + (at % 26))}1" t="s"><v>0</v></c>`,
  )
  const files = (rows: number) => ({
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${`<row>${cells.join('')}</row>`.repeat(rows)}</sheetData></worksheet>`,
    'xl/sharedStrings.xml': `<sst><si><t>${'长'.repeat(1900)}</t></si></sst>`,
  })
  assert.equal(refusal(await zipped(files(110))), 'read')
  assert.equal(refusal(await zipped(files(120))), 'sheet_too_large')
})

test('a workbook made to hurt is refused quickly', { timeout: 20_000 }, async () => {
  const sheet = (inside: string) => zipped({ 'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${inside}` })
  const bomb = await sheet(' '.repeat(70_000_000))
  assert.ok(bomb.length < 5_000_000)
  assert.equal(refusal(bomb), 'sheet_too_large')
  assert.equal(refusal(await sheet('<row r="900000000"><c r="A1"><v>1</v></c></row>')), 'sheet_too_large')
  assert.equal(refusal(await sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>')), 'sheet_too_large')
  assert.equal(refusal(await sheet('<row><c>'.repeat(2_000_000))), 'sheet_unreadable')
  assert.equal(refusal(await sheet(`<row>${'<c><v>'.repeat(2_000_000)}</row>`)), 'sheet_unreadable')
})
