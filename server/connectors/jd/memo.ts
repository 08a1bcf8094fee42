import type { MemoInput } from '../answers.ts'
import type { Call } from '../connector.ts'
import { fieldsAt, wholeAt } from '../fields.ts'
import { digitsOf } from '../gateway.ts'
import { askJd } from './client.ts'

/** jingdong.pop.order.modifyVenderRemark replaces remark and flag together, so a flag that must stay is asked for first. */
export async function updateMemo(call: Call, { tid, memo, flag }: MemoInput): Promise<void> {
  const order_id = digitsOf(tid)
  const wanted = flag ?? (await flagNow(call, order_id))
  await askJd(
    call,
    'jingdong.pop.order.modifyVenderRemark',
    { order_id, flag: String(wanted), remark: memo },
    'modifyvenderremark_result',
  )
}

/** jingdong.order.venderRemark.queryByOrderId; an order without a remark has no flag. */
async function flagNow(call: Call, order_id: string): Promise<number> {
  const { result } = await askJd(
    call,
    'jingdong.order.venderRemark.queryByOrderId',
    { order_id },
    'venderRemarkQueryResult',
  )
  return wholeAt(fieldsAt(result, 'vender_remark'), 'flag', 0, 5) ?? 0
}
