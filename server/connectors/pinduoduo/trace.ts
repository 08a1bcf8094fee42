import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { entryOf, fieldsAt, fieldsIn, listAt, longest, textAt, timeAt } from '../fields.ts'
import type { TracedParcel, TraceStep } from '../traces.ts'
import { callPop } from './client.ts'
import { companyCodes } from './couriers.ts'

/** pdd.logistics.ordertrace.get. The platform misspells the root's name, so both spellings are read. */
export async function trace(call: Call, { carrier, waybillNo }: TracedParcel): Promise<TraceStep[]> {
  const code = entryOf<string | undefined>(companyCodes, carrier)
  if (code === undefined)
    throw new PlatformError('rejected', 'courier_code', `This platform knows no courier ${carrier}.`)
  const { body } = await callPop(call, 'pdd.logistics.ordertrace.get', {
    company_code: code,
    mail_no: waybillNo,
  })
  const answer = {
    ...fieldsAt(body, 'logistics_ordertrace_get_response'),
    ...fieldsAt(body, 'logistics_ordertrace_get_resposne'),
  }
  return fieldsIn(listAt(answer, 'trace_list', 'trace_list'), 'trace_list', []).flatMap((step) => {
    const at = timeAt(step, 'status_time') ?? timeAt(step, 'time')
    return at ? [{ at, state: entryOf(actions, textAt(step, 'action', longest.word)) ?? 'in_transit' }] : []
  })
}

/** The actions of POP's traces; every other one is a scan on the way. */
const actions: Readonly<Record<string, TraceStep['state']>> = {
  GOT: 'collected',
  SEND: 'out_for_delivery',
  IN_CABINET: 'at_pickup',
  OUT_CABINET: 'signed',
  SIGN: 'signed',
  // A pick-up point signed for the buyer.
  SIGN_ON_BEHALF: 'at_pickup',
  REJECTION: 'returning',
  RETURN: 'returning',
  RETURN_SIGN: 'returned',
  FAIL: 'problem',
  STAY_IN_WAREHOUSE: 'problem',
}
