import { BadCell, fenCell, textCell, wholeCell } from '../../core/sheets/sheet-rows.ts'
import { dayMs, fromChinaTime } from '../../lib/time.ts'

/** Trade numbers have room for the number of a line behind them, which has at most 64 letters. */
const longestNumber = 48

/**
 * Reads a number of the platform. A spreadsheet program rounds long numbers to fifteen digits and shows them as 1.23E+15, so such a number is
 * refused instead of a wrong one being kept.
 */
export function numberCell(column: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  // Some programs write ="123" or '123 so that the digits stay.
  const bare = text
    .replace(/^="(.*)"$/, '$1')
    .replace(/^['`‘]|['’]$/g, '')
    .trim()
  if (/^\d+(\.\d+)?e\+?\d+$/i.test(bare))
    throw new BadCell(
      column,
      `「${bare}」是表格软件改写的长数字，后面几位已经丢了。把这一列设为文本，重新导出`,
      `${bare} is a long number that the spreadsheet program rounded: its last digits are lost. Make the column text and export it again`,
    )
  if (bare.length > longestNumber)
    throw new BadCell(column, `最多 ${longestNumber} 个字`, `At most ${longestNumber} letters`)
  if (!/^[\w-]+$/.test(bare) || bare === '0')
    throw new BadCell(
      column,
      `「${bare}」只能有字母、数字、- 和 _`,
      `${bare} may have letters, digits, - and _ only`,
    )
  return bare
}

export function quantityCell(column: string, text: string | undefined): number | undefined {
  const quantity = wholeCell(column, text?.replace(/[件个份套箱盒包]$/, ''))
  if (quantity === undefined || (quantity >= 1 && quantity <= 1_000_000)) return quantity
  throw new BadCell(column, '1 到 1,000,000', 'Between 1 and 1,000,000')
}

export const moneyCell = (column: string, text: string | undefined): number | undefined =>
  fenCell(column, text?.replace(/[元\s]/g, ''))

export const wordCell = (column: string, text: string | undefined, longest: number): string =>
  textCell(column, text, longest) ?? ''

export const phoneCell = (column: string, text: string | undefined): string => {
  const bare = (text ?? '').replace(/^['`‘]/, '').trim()
  if (/e\+?\d+$/i.test(bare))
    throw new BadCell(
      column,
      `「${bare}」不是号码，把这一列设为文本`,
      `${bare} is no number; make the column text`,
    )
  return wordCell(column, bare === '' ? undefined : bare, 60)
}

/** Reads a time of China: 2026-11-24 14:32:07, 2026/11/24 14:32, 2026年11月24日, or the number that a spreadsheet stores. */
export function timeCell(column: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const serial = /^\d{5}(\.\d+)?$/.test(text) ? Number(text) : undefined
  const [, year, month = '', day = '', hour = '0', minute = '0', second = '0'] =
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]+(\d{1,2})[:：时](\d{1,2})分?(?:[:：]?(\d{1,2})秒?)?(?:\.\d+)?)?$/.exec(
      text,
    ) ?? []
  const two = (part: string) => part.padStart(2, '0')
  const written =
    serial !== undefined
      ? new Date(Date.UTC(1899, 11, 30) + Math.round(serial * 86_400) * (dayMs / 86_400))
          .toISOString()
          .slice(0, 19)
          .replace('T', ' ')
      : `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`
  try {
    return fromChinaTime(written)
  } catch {
    throw new BadCell(
      column,
      `「${text}」不是时间，写成 2026-11-24 14:32:07`,
      `${text} is no time; write it as 2026-11-24 14:32:07`,
    )
  }
}

const statusWords = {
  paid: [
    '待发货',
    '已付款',
    '已支付',
    '买家已付款',
    '等待卖家发货',
    '等待发货',
    '未发货',
    '待配送',
    '备货中',
    '部分发货',
    'paid',
  ],
  unpaid: ['待付款', '未付款', '待支付', '未支付', '等待买家付款', 'unpaid'],
  shipped: ['已发货', '待收货', '卖家已发货', '配送中', '运输中', 'shipped'],
  finished: ['已完成', '完成', '交易成功', '已收货', '已签收', '交易完成', 'finished'],
  closed: [
    '已关闭',
    '关闭',
    '已取消',
    '取消',
    '交易关闭',
    '交易取消',
    '已作废',
    '已退款',
    '退款成功',
    'closed',
    'cancelled',
  ],
} as const
export type SheetStatus = keyof typeof statusWords

const refundWords = {
  none: [
    '无',
    '否',
    '没有',
    '未退款',
    '无退款',
    '无售后',
    '正常',
    '未申请',
    '未申请退款',
    '退款关闭',
    '退款取消',
    '已撤销',
    '已拒绝',
    '-',
    '0',
    'no',
    'none',
  ],
  open: [
    '退款中',
    '申请退款',
    '待退款',
    '售后中',
    '退款处理中',
    '处理中',
    '待处理',
    '退货中',
    '售后处理中',
    '等待退款',
    'open',
  ],
  done: [
    '已退款',
    '退款成功',
    '退款',
    '全额退款',
    '部分退款',
    '退款完成',
    '售后完成',
    '已退',
    '是',
    '√',
    '✓',
    '1',
    'y',
    'yes',
    'refunded',
  ],
} as const
export type SheetRefund = keyof typeof refundWords

export const statusCell = (column: string, text: string | undefined): SheetStatus | undefined =>
  among(statusWords, column, text)
export const refundCell = (column: string, text: string | undefined): SheetRefund | undefined =>
  among(refundWords, column, text)

function among<Word extends string>(
  words: Readonly<Record<Word, readonly string[]>>,
  column: string,
  text: string | undefined,
): Word | undefined {
  if (text === undefined) return undefined
  const bare = text.toLowerCase().replace(/\s/g, '')
  const found = (Object.keys(words) as Word[]).find((word) => words[word].includes(bare))
  if (found !== undefined) return found
  const known = (Object.values(words) as (readonly string[])[]).map(([first = '']) => first)
  throw new BadCell(
    column,
    `不认识「${text}」。可以写 ${known.join('、')}`,
    `${text} is not known. It may be ${known.join(', ')}`,
  )
}
