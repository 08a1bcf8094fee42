import { platformTime, quote } from '../wire.ts'
import { type ParcelStep, stepsOf } from '../world/parcels.ts'
import { invalid, type Method, refused } from './call.ts'
import { askedTrade } from './trades.ts'

/**
 * taobao.logistics.trace.search: the scans of the parcel of a trade, or of lines of it (is_split=1 with sub_tid), the oldest first. The
 * documents: `status` is kept for shipments by online.send only; one by offline.send is 对方已签收 as soon as it is shipped.
 */
export const traceSearch: Method = (call) => {
  const trade = askedTrade(call, false)
  if ('code' in trade) return trade
  const oids = (call.params.get('sub_tid') ?? '').split(',').filter((oid) => oid !== '')
  const split = call.params.get('is_split') ?? '0'
  if (split !== '0' && split !== '1') return invalid('is_split', 'is_split取值为0或1')
  if ((split === '1') !== oids.length > 0) return invalid('sub_tid', 'is_split为1时需要传入子订单列表')
  const lines = split === '1' ? trade.lines.filter(({ oid }) => oids.includes(oid)) : trade.lines
  if (split === '1' && lines.length !== oids.length) return invalid('sub_tid', '子订单不属于该交易')
  const [sent] = lines.filter(({ consigned }) => consigned > 0)
  if (!sent) return refused('isv.logistics-trace-not-exist', '该交易没有物流信息')
  const { fates } = call.sandbox.world
  const steps = stepsOf(sent.consigned, fates.get(sent.waybill) ?? 'arrives', call.now)
  const rows = steps.map(
    ({ action, text, at }) =>
      `{"status_time":"${platformTime(at)}","status_desc":${quote(text)}${actionJson(action)}}`,
  )
  const list = rows.length === 0 ? '' : `,"trace_list":{"transit_step_info":[${rows.join(',')}]}`
  const status = trade.type === 'cod' ? statusOf(steps) : '对方已签收'
  return `"out_sid":${quote(sent.waybill)},"company_name":${quote(sent.company)},"tid":${trade.tid},"status":"${status}"${list}`
}

/** The words for scans that TOP uses; of the others it gives the text only. */
const ACTIONS: Readonly<Record<string, string>> = {
  GOT: 'GOT',
  DEPARTURE: 'DEPARTURE',
  ARRIVAL: 'ARRIVE',
  SEND: 'SENT_SCAN',
  SIGN: 'SIGNED',
}

function actionJson(action: string): string {
  const word = ACTIONS[action]
  return word === undefined ? '' : `,"action":"${word}"`
}

const STATUSES: Readonly<Record<string, string>> = {
  SIGN: '对方已签收',
  FAIL: '签收失败',
  RETURN: '对方拒绝签收',
}

function statusOf(steps: readonly ParcelStep[]): string {
  const last = steps.at(-1)
  return last === undefined ? '物流公司已接单' : (STATUSES[last.action] ?? '物流公司揽收成功')
}
