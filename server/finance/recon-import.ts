import { createHash } from 'node:crypto'
import type { By } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import { inScope } from '../core/access/scope.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { RowRefusal } from '../core/sheets/sheet-contract.ts'
import type { SheetRow } from '../core/sheets/sheet-pick.ts'
import { BadCell, namedRows, readEach, reportOf, textCell } from '../core/sheets/sheet-rows.ts'
import { AppError } from '../errors.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { fenFromYuan } from '../lib/money.ts'
import { fromChinaTime, toChinaTime } from '../lib/time.ts'
import { reconcileTrades } from './recon.ts'
import type { BillReport } from './recon-contract.ts'
import { billKindOf } from './recon-lifecycle.ts'
import { insertLines, type NewLine, watchShop } from './recon-queries.ts'

// Imports a platform's bill as downloaded. Columns are recognised by their heads, which platforms and payment companies write
// differently.

const heads = {
  serial: ['流水号', '账务流水号', '交易流水号', '支付流水号', '资金流水号', 'serial no'],
  tid: ['订单号', '商户订单号', '交易号', '平台订单号', '业务基础订单号', '主订单编号', 'order no'],
  at: ['时间', '发生时间', '入账时间', '记账时间', '账务时间', '结算时间', 'time'],
  inYuan: ['收入', '收入金额', '收入金额+元', '收入+元', '收入金额元', '收入元', 'income'],
  outYuan: ['支出', '支出金额', '支出金额-元', '支出-元', '支出金额元', '支出元', 'expense'],
  amount: ['金额', '发生金额', '收支金额', '变动金额', 'amount'],
  type: ['类型', '业务类型', '账务类型', '费用项', '收支类型', 'type'],
  detail: ['业务描述', '商品名称', '说明', 'description'],
  note: ['备注', 'note'],
} as const
type Head = keyof typeof heads
type Cells = Partial<Record<Head, string>>

/** The column heads are searched in this number of first rows, because some bills begin with lines about themselves. */
const headWithin = 30

/**
 * Imports a bill: valid rows are stored, invalid ones are reported. A row that was imported before is skipped; a row with a known serial
 * number and other values is refused.
 */
export async function importBill(
  db: Database,
  { shopId, bytes }: { shopId: string; bytes: Buffer },
  by: By,
): Promise<BillReport> {
  if (!inScope(by.scope, shopId)) throw new AppError('not_found', { what: { zh: '店铺', en: 'Shop' } })
  const sheet = await namedRows<Head>(bytes, heads, ['tid', 'at'], headWithin)
  return db.transaction().execute((tx) => keepBill(tx, shopId, sheet.filter(isData), by))
}

async function keepBill(
  tx: Tx,
  shopId: string,
  rows: readonly SheetRow<Head>[],
  { actor, request }: By,
): Promise<BillReport> {
  const { good, refused } = readEach(rows, lineOf)
  const { lines, twice } = numbered(good)
  const { added, different } = await insertLines(
    tx,
    shopId,
    lines.map(({ line }) => line),
    actor.name,
  )
  const refusals = [...refused, ...twice, ...lines.flatMap(({ row, line }) => differs(row, line, different))]
  const first = lines.reduce<Date | null>((min, { line: { at } }) => (min && min < at ? min : at), null)
  if (first) await watchShop(tx, shopId, first)
  const tids = [...new Set(added.map(({ tid }) => tid))].filter((tid) => tid !== '')
  await reconcileTrades(
    tx,
    tids.map((tid) => ({ shopId, tid })),
  )
  const counts = { added: added.length, known: lines.length - added.length - different.size }
  await audit(tx, {
    actor,
    action: 'bill.import',
    subject: { type: 'shop', id: shopId },
    shopId,
    detail: { ...counts, rows: rows.length },
    request,
  })
  return reportOf(rows.length, counts, refusals)
}

/** Text rows about the file begin with # in the first column. */
const isData = ({ cells }: SheetRow<Head>) => !Object.values(cells)[0]?.startsWith('#')

type Read = Omit<NewLine, 'serialNo'> & { serialNo: string | undefined }

function lineOf(cells: Cells): Read {
  const tid = tidOf(cells.tid)
  const amountFen = amountOf(cells)
  const type = textCell(heads.type[0], cells.type ?? cells.detail ?? '', 200) ?? ''
  const note = [cells.type === undefined ? '' : cells.detail, cells.note]
    .filter(Boolean)
    .join(' ')
    .slice(0, 500)
  const kind = billKindOf(type, tid, amountFen)
  return {
    serialNo: numberOf('serial', cells.serial),
    tid,
    at: timeOf(cells.at),
    kind,
    type,
    amountFen,
    note,
  }
}

/** Refuses numbers such as 2.9E+18: a spreadsheet has rounded them, so the real number is lost. */
function numberOf(head: 'serial' | 'tid', text: string | undefined): string | undefined {
  const bare = text?.replace(/^[`'’]|\s/g, '')
  if (bare === undefined || bare === '') return undefined
  if (/^\d(\.\d+)?e\+?\d+$/i.test(bare))
    throw new BadCell(
      heads[head][0],
      '号码变成了科学计数法，原文件下载后不要用表格软件另存',
      'A spreadsheet has rounded the number: import the file as it was downloaded',
    )
  return textCell(heads[head][0], bare, 64)
}

/** Removes the prefix that payment companies put before the trade number, such as T200P. */
function tidOf(text: string | undefined): string {
  const number = numberOf('tid', text) ?? ''
  return number.replace(/^T\d{2,4}P(?=\d{8,}$)/, '')
}

function timeOf(text: string | undefined): Date {
  const found = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?/.exec(
    text ?? '',
  )
  try {
    if (found) {
      const [year = '', month = '', day = '', hour = '0', minute = '0', second = '0'] = found.slice(1)
      const two = (part: string) => part.padStart(2, '0')
      return fromChinaTime(`${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw new BadCell(heads.at[0], `「${text ?? ''}」不是时间`, `${text ?? ''} is no time`)
}

/** Reads the amount: income and expense columns, with signs ignored, or one signed amount. */
function amountOf(cells: Cells): number {
  const income = Math.abs(yuan('inYuan', cells.inYuan))
  const expense = Math.abs(yuan('outYuan', cells.outYuan))
  const fen = income - expense || yuan('amount', cells.amount)
  if (fen !== 0) return fen
  throw new BadCell(heads.amount[0], '没有金额', 'There is no amount')
}

function yuan(head: 'inYuan' | 'outYuan' | 'amount', text: string | undefined): number {
  if (text === undefined || /^[-—]+$/.test(text)) return 0
  try {
    return fenFromYuan(text.replace(/[¥￥,，+\s]|元$/g, ''))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new BadCell(heads[head][0], `「${text}」不是金额`, `${text} is no amount`)
  }
}

type Numbered = { row: number; line: NewLine }

/**
 * Gives each row without a serial number one of our own: a hash of the row's content and of its position among equal rows. Importing a file
 * twice, or overlapping files, then adds no row twice, and two equal rows of one file are both kept. A serial number that occurs twice in
 * the file is refused.
 */
function numbered(rows: readonly { row: number; value: Read }[]): { lines: Numbered[]; twice: RowRefusal[] } {
  const seen = new Map<string, number>()
  const lines: Numbered[] = []
  const twice: RowRefusal[] = []
  for (const { row, value } of rows) {
    const { serialNo, ...rest } = value
    const said = `${rest.tid}|${toChinaTime(rest.at)}|${rest.amountFen}|${rest.type}|${rest.note}`
    const key = serialNo ?? said
    const before = seen.get(key) ?? 0
    seen.set(key, before + 1)
    if (serialNo !== undefined && before > 0) twice.push(refusal(row, 'twice', twiceWords))
    else lines.push({ row, line: { ...rest, serialNo: serialNo ?? derived(said, before) } })
  }
  return { lines, twice }
}

const derived = (said: string, nth: number) =>
  `=${createHash('sha256').update(`${said}|${nth}`).digest('hex').slice(0, 24)}`

function differs(row: number, { serialNo }: NewLine, different: ReadonlySet<string>): RowRefusal[] {
  return different.has(serialNo) ? [refusal(row, 'differs', differsWords)] : []
}

const refusal = (row: number, code: string, message: LocalizedText): RowRefusal => ({
  row,
  column: heads.serial[0],
  code,
  message,
})
const twiceWords = { zh: '文件里有两行同一个流水号', en: 'Two rows of the file have this number' }
const differsWords = {
  zh: '这个流水号已导入过，但金额、时间或订单不同',
  en: 'This number is there already with another amount, time or order',
}
