import { quote, quotedTime } from '../wire.ts'
import { stepsOf } from '../world/parcels.ts'
import { business, missing, type PopMethod } from './call.ts'
import { COMPANIES } from './ships.ts'

/** pdd.logistics.ordertrace.get: the scans of a parcel of this shop, the newest first. */
export const orderTrace: PopMethod = ({ sandbox, shop, params, now }) => {
  const code = params.get('company_code') ?? ''
  if (code === '') return missing('company_code')
  const waybill = params.get('mail_no') ?? ''
  if (waybill === '') return missing('mail_no')
  if (!COMPANIES.some(([, known]) => known === code)) return business('50001', '快递公司编码不存在')
  const trade = sandbox.world.waybills.get(waybill)
  if (trade === undefined || trade.shop !== shop) return business('50001', '运单号不存在')
  const steps = stepsOf(trade.consigned, sandbox.world.fates.get(waybill) ?? 'arrives', now).toReversed()
  const rows = steps.map(
    ({ action, text, at }) =>
      `{"action":"${action}","desc":${quote(text)},"node_description":"","status_desc":${quote(text)},"status_time":${quotedTime(at)},"time":${quotedTime(at)}}`,
  )
  return { root: 'logistics_ordertrace_get_resposne', inner: `"trace_list":[${rows.join(',')}]` }
}
