import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { cleanText, longest } from '../fields.ts'
import type { PushedMessage, PushHint, Row, RowPlace, RowSource } from '../push.ts'
import { callTop } from './client.ts'
import { appOf } from './credentials.ts'
import { refundColumns } from './unverified.ts'

/**
 * 数据推送 of 聚石塔: the platform writes each version of a trade and a refund into a MySQL database of the app, with the whole answer of its detail.
 * That answer is not read: the row is a hint, and the detail is fetched by the same rules as after a message.
 */
export const rows = {
  place: (credentials) => placeOf(credentials),
  tables: [
    {
      ...{ name: 'jdp_tb_trade', key: 'tid', written: 'jdp_modified' },
      columns: ['seller_nick', 'modified', 'jdp_hashcode'],
      message: (row) => messageOf('jdp_tb_trade', row, { kind: 'trade', tid: numberIn(row, 'tid') }),
    },
    {
      ...{ name: 'jdp_tb_refund', key: 'refund_id', written: 'jdp_modified' },
      columns: refundColumns,
      message: (row) => messageOf('jdp_tb_refund', row, refundHint(row)),
    },
  ],
} satisfies RowSource

const standardPort = 3306
const standardSchema = 'sys_info'

function placeOf(credentials: Readonly<Record<string, string>>): RowPlace | undefined {
  const { rdsAddress, rdsUser, rdsPassword } = appOf(credentials)
  const [, host = '', port, schema] = /^([^:/]+)(?::(\d+))?(?:\/(\w+))?$/.exec(rdsAddress) ?? []
  if (host === '') return undefined
  return {
    ...{ host, port: Number(port ?? standardPort), schema: schema ?? standardSchema },
    ...{ user: rdsUser, password: rdsPassword },
  }
}

function refundHint(row: Row): PushHint {
  const refundId = numberIn(row, 'refund_id')
  return refundId === '' ? { kind: 'other' } : { kind: 'refund', refundId, tid: numberIn(row, 'tid') }
}

/** `jdp_hashcode` changes with the content, so a row that is written again without a change is no new message. */
function messageOf(table: string, row: Row, hint: PushHint): PushedMessage {
  const number = hint.kind === 'refund' ? hint.refundId : numberIn(row, 'tid')
  return {
    id: [table, number, row.modified ?? '', row.jdp_hashcode ?? ''].join(' ').slice(0, longest.name),
    topic: table,
    shops: [cleanText(row.seller_nick ?? '', longest.name)].filter((name) => name !== ''),
    hint: hint.kind === 'trade' && hint.tid === '' ? { kind: 'other' } : hint,
    raw: JSON.stringify(row),
  }
}

const numberIn = (row: Row, column: string) =>
  /^\d{1,20}$/.test(row[column] ?? '') ? (row[column] ?? '') : ''

/** taobao.jushita.jdp.user.add: the platform writes the rows of this shop. Earlier trades are not written: the lists have them. */
export async function addUser(call: Call, rdsName: string): Promise<void> {
  const { body } = await callTop(call, 'taobao.jushita.jdp.user.add', {
    rds_name: rdsName,
    history_days: '0',
  })
  if (body.is_success === true || body.is_success === 'true') return
  throw new PlatformError('rejected', 'not_permitted', 'The platform did not agree to write rows.')
}
