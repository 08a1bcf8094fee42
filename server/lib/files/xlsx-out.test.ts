import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import exceljs from 'exceljs'
import { type Cell, type SheetPart, xlsx } from './xlsx-out.ts'

async function* of(...parts: SheetPart[]): AsyncGenerator<SheetPart> {
  yield* parts
}

async function read(file: AsyncIterable<Buffer>) {
  const chunks: Buffer[] = []
  for await (const chunk of file) chunks.push(chunk)
  const book = new exceljs.Workbook()
  const bytes = new Uint8Array(Buffer.concat(chunks))
  await book.xlsx.load(bytes.buffer)
  const sheet = book.worksheets[0]
  assert.ok(sheet)
  return sheet
}

const columns = [
  { title: '商品', width: 40 },
  { title: '金额', width: 12, money: true },
  { title: '件数', width: 8 },
]

test('a sheet is read back as it was: text, money to the last 分, numbers, empty cells, a frozen bold head', async () => {
  const rows: Cell[][] = [
    ['四件套 & <雾蓝> "1.8m"', { fen: 29_89 }, 2],
    ['', { fen: -1 }, null],
    ['两行\n文字 ', { fen: 123_456_789_012 }, 0],
  ]
  const sheet = await read(xlsx('待转入/订单?', columns, of(rows.slice(0, 1), [], rows.slice(1))))
  assert.equal(sheet.name, '待转入 订单 ')
  const lines = [1, 2, 3, 4].map((line) =>
    ['A', 'B', 'C'].map((letter) => sheet.getCell(`${letter}${line}`).value),
  )
  assert.deepEqual(lines, [
    ['商品', '金额', '件数'],
    ['四件套 & <雾蓝> "1.8m"', 29.89, 2],
    [null, -0.01, null],
    ['两行\n文字 ', 1_234_567_890.12, 0],
  ])
  assert.equal(sheet.getCell('B2').numFmt, '0.00')
  assert.equal(sheet.getCell('A1').font.bold, true)
  assert.equal(sheet.getColumn(1).width, 40)
})

test('no cell is a formula, an escape of Excel, or a letter that XML cannot hold', async () => {
  const evil = [
    '=1+1',
    '+1',
    '-1',
    '@a',
    '\t=1',
    '\r=1',
    'a=1',
    '_x0041_',
    'a\u0000b\u001fc\uffffd',
    'e\ud800f',
    '—1',
  ]
  const sheet = await read(xlsx('a', [{ title: '=head', width: 9 }], of(evil.map((text) => [text]))))
  const texts = sheet
    .getSheetValues()
    .slice(1)
    .map((row) => (Array.isArray(row) ? row[1] : row))
  const kept = ["'=1+1", "'+1", "'-1", "'@a", "'\t=1", "'\r=1", 'a=1']
  assert.deepEqual(texts.slice(0, 8), ["'=head", ...kept])
  assert.match(String(texts[8]), /^_x005F_x0041_$|^_x0041_$/)
  assert.deepEqual(texts.slice(9), ['abcd', 'e\ufffdf', '—1'])
})

test('columns go on after Z, long text is cut, and a note stands in the first cell', async () => {
  const wide = Array.from({ length: 60 }, (_, at) => ({ title: `c${at}`, width: 5 }))
  const row = wide.map((_, at) => (at === 59 ? 'x'.repeat(40_000) : at))
  const sheet = await read(xlsx('a', wide, of([row], { note: '后面还有' })))
  assert.equal(sheet.getCell('AA1').value, 'c26')
  assert.equal(sheet.getCell('BG2').value, 58)
  assert.equal(String(sheet.getCell('BH2').value).length, 32_001)
  assert.equal(sheet.getCell('A3').value, '后面还有')
})

test('rows are asked for only as fast as they are read, and no longer once the reader left', async () => {
  let given = 0
  let ended = false
  async function* endless(): AsyncGenerator<SheetPart> {
    try {
      for (;;) {
        given += 1
        yield Array.from({ length: 100 }, () => [randomBytes(60).toString('base64'), null, given])
      }
    } finally {
      ended = true
    }
  }
  const file = xlsx('a', columns, endless())
  let read = 0
  for (let chunk = 0; chunk < 20; chunk += 1) read += (await file.next()).value.length
  // Work in progress may end a little later on a busy machine. Then no more is produced while nothing reads.
  let before = -1
  for (let tries = 0; before !== given && tries < 50; tries += 1) {
    before = given
    await sleep(100)
  }
  assert.equal(given, before)
  // Random bytes cannot be compressed, so what was produced but not read is in memory.
  assert.ok(given * 100 * 60 - read < 500_000, `${given} pages for ${read} bytes`)
  await file.return(undefined)
  await sleep(50)
  assert.equal(ended, true)
})

test('what fails while a row is read fails the file', async () => {
  async function* broken(): AsyncGenerator<SheetPart> {
    yield [['a']]
    throw new Error('the database is gone')
  }
  await assert.rejects(read(xlsx('a', columns, broken())), /the database is gone/)
})
