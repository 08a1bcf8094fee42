import { quote, readPlatformTime } from '../wire.ts'
import { hearCancel, readFlat } from '../world/genius.ts'
import { recordActivity } from '../world/world.ts'
import { invalid, type Method, missing } from './call.ts'

/** taobao.rdc.aligenius.sendgoods.cancel: one parameter of JSON; a refusal is inside the result and not a TOP error. */
export const sendgoodsCancel: Method = (call) => {
  const text = call.params.get('param') ?? ''
  if (text === '') return missing('param')
  const param = readFlat(text)
  if (param === undefined) return invalid('param', 'param不是合法的JSON')
  for (const name of ['refund_id', 'tid', 'status', 'operate_time'])
    if ((param.get(name) ?? '') === '') return missing(`param.${name}`)
  if (readPlatformTime(param.get('operate_time') ?? '') === undefined)
    return invalid('param.operate_time', '时间格式错误')
  const [id, status] = [param.get('refund_id') ?? '', param.get('status') ?? '']
  const refund = call.shop.refunds.get(id)
  const problem =
    refund === undefined || refund.trade.tid !== param.get('tid')
      ? '退款单不存在'
      : hearCancel(call.sandbox.world, refund, status)
  recordActivity(call.sandbox.world, call.shop, {
    action: 'cancel',
    key: id,
    accepted: problem === '',
    detail: {
      status,
      msg: param.get('msg') ?? '',
      ...(problem === '' ? {} : { error: problem }),
    },
  })
  const result =
    problem === ''
      ? '"success":true'
      : `"success":false,"error_code":"BIZ_ERROR","error_info":${quote(problem)}`
  return `"result":{${result},"result_data":{"refund_id":${/^\d+$/.test(id) ? id : '0'}}}`
}
