import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { entryOf, type Fields, fieldsIn, listAt, longest, textAt, timeAt } from '../fields.ts'
import { notFollowed, type TracedParcel, type TraceStep } from '../traces.ts'
import { callTop } from './client.ts'
import { splitOf } from './ship.ts'

/** taobao.logistics.trace.search: by trade, or by lines of it, not by waybill. */
export async function trace(call: Call, { tid, oids, waybillNo }: TracedParcel): Promise<TraceStep[]> {
  const { body } = await callTop(call, 'taobao.logistics.trace.search', { tid, ...splitOf({ tid, oids }) })
  const shown = textAt(body, 'out_sid', longest.word)
  if (shown !== '' && shown !== waybillNo)
    throw new PlatformError('rejected', 'other_waybill', 'The platform shows another waybill for the trade.')
  const steps = fieldsIn(listAt(body, 'trace_list', 'transit_step_info'), 'trace_list', []).flatMap(
    (step): TraceStep[] => {
      const at = timeAt(step, 'status_time')
      return at ? [{ at, state: stateOf(step) }] : []
    },
  )
  // For a shipment by offline.send, which we use, the documents promise no scans, and the platform may show it as signed for at once.
  const isClaim = steps.length === 0 || (steps.length === 1 && steps[0]?.state === 'signed')
  if (isClaim && textAt(body, 'status', longest.word) === '对方已签收')
    throw new PlatformError('rejected', notFollowed, 'The platform shows no scan of this parcel.')
  return steps
}

function stateOf(step: Fields): TraceStep['state'] {
  const known = entryOf(actions, textAt(step, 'action', longest.word).toUpperCase())
  if (known) return known
  const text = textAt(step, 'status_desc', longest.text)
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? 'in_transit'
}

const actions: Readonly<Record<string, TraceStep['state']>> = {
  GOT: 'collected',
  DEPARTURE: 'in_transit',
  ARRIVE: 'in_transit',
  ARRIVAL: 'in_transit',
  SEND: 'out_for_delivery',
  SENT_SCAN: 'out_for_delivery',
  SIGN: 'signed',
  SIGNED: 'signed',
}

/** The state of a scan without a known action, by its text. The first pattern that matches decides. */
const words: readonly (readonly [RegExp, TraceStep['state']])[] = [
  [/退(回|件|货).*签收/, 'returned'],
  [/退回|退件/, 'returning'],
  [/拒收|拒签|拒绝签收|失败|异常|滞留|破损|丢失|无人接听|无法联系/, 'problem'],
  [/(驿站|快递柜|自提|代收点|丰巢).*(代收|暂存|待取|取件|放入|存入|到达)/, 'at_pickup'],
  [/已(由|被)?[^，。；]{0,20}签收|签收人|本人签收/, 'signed'],
  [/派件|派送/, 'out_for_delivery'],
  [/揽收|揽件|收寄/, 'collected'],
]
