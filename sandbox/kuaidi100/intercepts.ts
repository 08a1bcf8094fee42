import { textIn } from '../json-parts.ts'
import { nowSeconds } from '../world/world.ts'
import { type LabelAnswer, type LabelCall, whyNotPartner, wrongParam } from './labels.ts'
import { scansOf } from './tracking.ts'

const TYPES = ['RETURN_SEND_STATION', 'RETURN_SEND_ADDR', 'MODIFY_ADDR']
const WANTS_CALLBACK = ['zhongtong', 'jtexpress', 'yuantong']

/** method interceptOrder: a parcel on its way turns around. One that has arrived, or was never scanned, does not. */
export function interceptOrder({ sandbox, enterprise, param }: LabelCall): LabelAnswer {
  const [courier, number] = [textIn(param, 'kuaidicom'), textIn(param, 'kuaidinum')]
  if (courier === '' || number === '') return wrongParam('kuaidicom、kuaidinum不能为空')
  if (!TYPES.includes(textIn(param, 'interceptType'))) return wrongParam('interceptType')
  const partner = whyNotPartner(enterprise, param)
  if (partner !== undefined) return partner
  if (WANTS_CALLBACK.includes(courier) && !URL.canParse(textIn(param, 'callbackUrl')))
    return wrongParam('callbackUrl不能为空')
  const last = scansOf(sandbox, number, nowSeconds(sandbox.world)).at(-1)
  if (last === undefined || last.action === 'SIGN')
    return { code: 30012, message: '仅支持运输中且未签收的快件' }
  sandbox.world.fates.set(number, 'returned')
  return { code: 200, message: 'success' }
}
