import { hearCancel, readFlat } from '../world/genius.ts'
import { recordActivity } from '../world/world.ts'
import { business, missing, type PopMethod } from './call.ts'

const CODES: ReadonlySet<string> = new Set(['1001', '1002', '1003'])

/** pdd.rdc.pddgenius.sendgoods.cancel: one parameter of JSON. A failure needs its code; the time is in milliseconds. */
export const sendgoodsCancel: PopMethod = (call) => {
  const text = call.params.get('param') ?? ''
  if (text === '') return missing('param')
  const param = readFlat(text)
  if (param === undefined) return business('50001', 'param格式错误')
  for (const name of ['refund_id', 'tid', 'status']) if ((param.get(name) ?? '') === '') return missing(name)
  if (!/^\d{13}$/.test(param.get('operate_time') ?? '')) return business('50001', 'operate_time格式错误')
  const [id, status, code] = ['refund_id', 'status', 'fail_reason_code'].map((name) => param.get(name) ?? '')
  if (status === 'FAIL' && !CODES.has(code ?? '')) return business('50001', 'fail_reason_code错误')
  const refund = call.shop.refunds.get(id ?? '')
  const problem =
    refund === undefined || refund.trade.tid !== param.get('tid')
      ? '售后单不存在'
      : hearCancel(call.sandbox.world, refund, status ?? '')
  recordActivity(call.sandbox.world, call.shop, {
    action: 'cancel',
    key: id ?? '',
    accepted: problem === '',
    detail: {
      status: status ?? '',
      code: code ?? '',
      ...(problem === '' ? {} : { error: problem }),
    },
  })
  if (problem !== '') return business('50001', problem)
  return {
    root: 'rdc_pddgenius_sendgoods_cancel_response',
    inner: `"result":{"result_data":{"refund_id":${id}}}`,
  }
}
