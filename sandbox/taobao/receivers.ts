import { quote } from '../wire.ts'
import type { Trade } from '../world/model.ts'
import { invalid, type Method, missing, refused } from './call.ts'

const MOST = 100
const LONGEST = 128

/**
 * taobao.top.oaid.merge: groups trades by their plain receiver and address. Any OAID is accepted, because the documents do not exclude an
 * OAID of another week.
 */
export const oaidMerge: Method = (call) => {
  const text = call.params.get('merge_list') ?? ''
  if (text === '') return missing('merge_list')
  const rows = readRows(text)
  if (rows === undefined) return invalid('merge_list', 'merge_list不是合法的JSON数组')
  if (rows.length === 0) return missing('merge_list')
  if (rows.length > MOST) return invalid('merge_list', `最多支持${MOST}个`)
  const groups = new Map<string, string[]>()
  for (const row of rows) {
    const [oaid, tid] = [String(row['oaid'] ?? ''), String(row['tid'] ?? '')]
    if (oaid === '') return missing('merge_list.oaid')
    if (tid === '') return missing('merge_list.tid')
    if (oaid.length > LONGEST) return invalid('merge_list.oaid', `长度在${LONGEST}个字符之内`)
    const trade = call.shop.trades.get(tid)
    if (trade === undefined) return refused('isv.trade-not-exist', '订单不存在')
    const key = home(trade)
    groups.set(key, [...(groups.get(key) ?? []), tid])
  }
  const texts = [...groups.values()].map((tids) => quote([...new Set(tids)].join(',')))
  return `"tid_list":{"string":[${texts.join(',')}]}`
}

/** Returns the receiver and address in plain text, by which trades are grouped. */
function home({ receiver }: Trade): string {
  const { name, mobile, state, city, district, town, address } = receiver
  return [name, mobile, state, city, district, town, address].join('\u0001')
}

function readRows(text: string): Record<string, unknown>[] | undefined {
  try {
    // Numbers of 19 digits are quoted first, so that they keep all digits.
    const value: unknown = JSON.parse(text.replace(/:\s*(\d{1,20})(?=\s*[,}])/g, ':"$1"'))
    if (!Array.isArray(value)) return undefined
    return value.map((row) => (typeof row === 'object' && row !== null ? { ...row } : {}))
  } catch {
    return undefined
  }
}
