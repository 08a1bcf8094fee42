import { platformTime, readPlatformTime } from '../wire.ts'
import { COLUMNS, type Rds, type RdsRow, type TableName } from './tables.ts'

/** A refusal as a MySQL server words it. */
export class SqlError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const SELECT = /^select ((?:`\w+`(?:, )?)+) from `(\w+)` where `(\w+)` >= (.+) order by `(\w+)` limit (\d+)$/

/**
 * Answers the one form of a question that the tables' indexes serve: rows from a time on, in the order of these times. Anything else is a
 * syntax error, so no other text of a client passes.
 */
export function select(rds: Rds, text: string, nowSeconds: number): { columns: string[]; rows: RdsRow[] } {
  const [, list = '', name = '', column = '', from = '', order, limit] = SELECT.exec(text) ?? []
  if (list === '')
    throw new SqlError(1064, `You have an error in your SQL syntax near '${text.slice(0, 40)}'`)
  const table = tableOf(name)
  const columns = [...list.matchAll(/`(\w+)`/g)].map(([, each = '']) => each)
  const unknown = [...columns, column, order ?? ''].find((each) => !COLUMNS[table].includes(each))
  if (unknown !== undefined) throw new SqlError(1054, `Unknown column '${unknown}' in 'field list'`)
  const start = timeOf(from, nowSeconds)
  const valueIn = (row: RdsRow) => row[column] ?? ''
  const rows = [...rds.rows[table].values()]
    .filter((row) => valueIn(row) >= start)
    .sort((one, other) => (valueIn(one) < valueIn(other) ? -1 : valueIn(one) > valueIn(other) ? 1 : 0))
    .slice(0, Number(limit))
  rds.counts.reads++
  rds.counts.rowsRead += rows.length
  return { columns, rows }
}

function tableOf(name: string): TableName {
  if (name === 'jdp_tb_trade' || name === 'jdp_tb_refund') return name
  throw new SqlError(1146, `Table 'sys_info.${name}' doesn't exist`)
}

function timeOf(text: string, now: number): string {
  const [, least, time, plain, seconds] =
    /^(?:(least\(cast\('([\d: -]+)' as datetime\), now\(\)\)|now\(\))|'([\d: -]+)')(?: - interval (\d+) second)?$/.exec(
      text,
    ) ?? []
  if (plain !== undefined && seconds === undefined) return plain
  if (least === undefined || seconds === undefined)
    throw new SqlError(1064, `You have an error in your SQL syntax near '${text.slice(0, 40)}'`)
  const from = time === undefined ? now : Math.min(readPlatformTime(time) ?? now, now)
  return platformTime(from - Number(seconds))
}
