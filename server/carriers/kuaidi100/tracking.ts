import type { Call } from '../../connectors/connector.ts'
import { type CourierNames, courierOfCode } from '../../connectors/couriers.ts'
import {
  entryOf,
  type Fields,
  fieldsAt,
  fieldsIn,
  fieldsOf,
  listAt,
  longest,
  textAt,
  timeAt,
} from '../../connectors/fields.ts'
import type { TraceStep } from '../../connectors/traces.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type HttpAnswer, postForm } from '../../wire/http.ts'
import { sameText } from '../../wire/same-text.ts'
import { scrub } from '../../wire/scrub.ts'
import { codeOf } from '../cloud-print.ts'
import type { FollowedParcel, NewsAddress, ParcelNews, TrackingSource } from '../tracking-source.ts'
import { kuaidi100Codes } from './couriers.ts'
import { signOf } from './sign.ts'

// 快递100: 实时查询 (poll/query.do) and 快递信息推送 (poll). Both answers hold the same list of scans.

/** Parcels of some couriers can be followed, although no label of theirs is made. */
const codes: CourierNames = {
  ...kuaidi100Codes,
  HTKY: 'huitongkuaidi',
  TTKDEX: 'tiantian',
  DN: 'danniao',
  YDKY: 'yundakuaiyun',
}
/** Couriers that show nothing without the phone of sender or receiver. */
const wantsPhone: ReadonlySet<string> = new Set(['SF', 'SFKY', 'ZTO'])
const needsPhone = (carrier: string) => wantsPhone.has(carrier)

export const kuaidi100Tracking: TrackingSource = {
  id: 'kuaidi100',
  couriers: Object.keys(codes),
  waybillPattern: '^[A-Za-z0-9_-]{6,32}$',
  subscriptionsPerMonth: 4,
  lacks: ({ customer = '' }, way) =>
    way === 'query' && customer === '' ? { zh: '快递100 customer', en: '快递100 customer' } : undefined,
  needsPhone,
  query,
  subscribe,
  readNews,
}

/** `customer`: is asked for with each query, and with nothing else. */
function accessOf(credentials: Readonly<Record<string, string>>) {
  const { key = '', customer = '', pollUrl = 'https://poll.kuaidi100.com' } = credentials
  return { key, customer, pollUrl }
}

/** Returns the digits of a number, or the last four digits of a platform's virtual number ("13800001111-1234"). */
const phoneOf = (phone: string) => /-(\d{4})$/.exec(phone)?.[1] ?? phone.replace(/\D/g, '')

/** poll/query.do: the scans of a parcel now. A parcel may be asked for every half hour; one asked for 48 times within a day is locked. */
async function query(call: Call, { carrier, waybillNo, phone }: FollowedParcel): Promise<TraceStep[]> {
  const { key, customer, pollUrl } = accessOf(call.credentials)
  const param = JSON.stringify({
    ...{ com: codeOf(codes, carrier), num: waybillNo, resultv2: '4', show: '0', order: 'desc' },
    ...(needsPhone(carrier) && phone !== '' ? { phone: phoneOf(phone) } : {}),
  })
  const form = new URLSearchParams({ customer, sign: signOf(param, key, customer), param })
  const answer = await post(call, 'query', { url: `${pollUrl}/poll/query.do`, form })
  const code = textAt(answer, 'returnCode', longest.word)
  // 500: the courier shows nothing yet.
  if (code === '500') return []
  // 502: the parcel was asked for too often, and is locked for a while.
  if (code !== '') throw refusal(code, answer, { secrets: [key, customer], passing: ['501'] })
  if (!Array.isArray(answer['data']))
    throw new PlatformError('retry', 'bad_answer', '快递100 answered without a list of scans.')
  return stepsOf(answer)
}

/**
 * poll: 快递100 follows the parcel and pushes its scans to `callbackUrl`, signed with `salt`, until it is signed for. A parcel that is
 * followed already (501) stays so.
 *
 * @throws {PlatformError} for every failure.
 */
async function subscribe(
  call: Call,
  { carrier, waybillNo, phone }: FollowedParcel,
  { callbackUrl, salt }: NewsAddress,
): Promise<void> {
  const { key, pollUrl } = accessOf(call.credentials)
  const param = JSON.stringify({
    ...{ company: codeOf(codes, carrier), number: waybillNo, key },
    parameters: {
      ...{ callbackurl: callbackUrl, salt, resultv2: '4' },
      ...(needsPhone(carrier) && phone !== '' ? { phone: phoneOf(phone) } : {}),
    },
  })
  const form = new URLSearchParams({ schema: 'json', param })
  const answer = await post(call, 'subscribe', { url: `${pollUrl}/poll`, form })
  const code = textAt(answer, 'returnCode', longest.word)
  if (code === '200' || code === '501') return
  throw refusal(code, answer, { secrets: [key, salt], passing: ['500', '502'] })
}

async function post(
  call: Call,
  method: string,
  { url, form }: { url: string; form: URLSearchParams },
): Promise<Fields> {
  const started = performance.now()
  const report = (outcome: 'ok' | PlatformError['kind']) =>
    call.onRequest?.({
      method: `kuaidi100.poll.${method}`,
      ms: Math.round(performance.now() - started),
      outcome,
    })
  try {
    const answer = objectIn(await postForm(url, form, call.signal))
    report('ok')
    return answer
  } catch (error) {
    if (error instanceof PlatformError) report(error.kind)
    throw error
  }
}

function objectIn({ status, text, retryAfterMs }: HttpAnswer): Fields {
  if (status === 429)
    throw new PlatformError('rate_limited', 'http_429', '快递100 answered 429.', {
      waitMs: retryAfterMs || 1000,
    })
  const answer = fieldsOf(text)
  if (status === 200 && answer) return answer
  const code = status === 200 ? 'bad_answer' : `http_${status}`
  throw new PlatformError('retry', code, `快递100 answered ${status} with something that is not its JSON.`)
}

/** `passing`: the codes of faults of the server, after which the same request may succeed. */
function refusal(
  code: string,
  answer: Fields,
  { secrets, passing }: Record<'secrets' | 'passing', readonly string[]>,
): PlatformError {
  const message = scrub([code, textAt(answer, 'message', longest.name)].filter(Boolean).join(' · '), secrets)
  if (code === '') return new PlatformError('retry', 'bad_answer', message)
  if (passing.includes(code)) return new PlatformError('retry', code, message)
  return new PlatformError('rejected', entryOf(refusals, code) ?? code, message)
}

/** Our codes of refusals that concern the account and not the parcel. */
const refusals: Readonly<Record<string, string>> = {
  503: 'account_refused',
  600: 'account_refused',
  601: 'account_refused',
}

/**
 * A push: a form with `param` and its `sign`, md5(param + salt). `status` abort: 快递100 follows the parcel no more, because three days showed
 * nothing or sixty brought nothing new; with `comNew` the courier was wrong, and it goes on with the right one by itself.
 */
function readNews(form: URLSearchParams, salt: string): ParcelNews | 'unsigned' | undefined {
  const param = form.get('param') ?? ''
  if (!isSigned(param, form.get('sign') ?? '', salt)) return 'unsigned'
  const push = fieldsOf(param)
  if (!push) return undefined
  const last = fieldsAt(push, 'lastResult')
  const waybillNo = textAt(last, 'nu', longest.word)
  const status = textAt(push, 'status', longest.word)
  if (waybillNo === '') return undefined
  const asked = textAt(push, 'comOld', longest.word) || textAt(last, 'com', longest.word)
  const isCorrected = textAt(push, 'comNew', longest.word) !== ''
  return {
    ...{ waybillNo, carrier: courierOfCode(codes, asked), steps: stepsOf(last) },
    ended: status === 'shutdown' || (status === 'abort' && !isCorrected) ? status : undefined,
    isWhole: status === 'updateall',
  }
}

/** The documents do not say which case the letters of a push's sign have. */
function isSigned(param: string, sign: string, salt: string): boolean {
  return sameText(sign.toUpperCase(), signOf(param, salt))
}

/** A scan without a code of its own is one on the way; the newest one is what the whole parcel is said to be. */
function stepsOf(result: Fields): TraceStep[] {
  const rows = fieldsIn(listAt(result, 'data', 'data'), 'data', []).slice(0, mostScans)
  return rows.flatMap((row, index): TraceStep[] => {
    const at = timeAt(row, 'ftime') ?? timeAt(row, 'time')
    if (!at) return []
    const code = textAt(row, 'statusCode', 8) || (index === 0 ? textAt(result, 'state', 8) : '')
    // Ordered, but not with the courier yet.
    if (code === '101' || code === '102') return []
    return [{ at, state: entryOf(states, code) ?? entryOf(states, code.slice(0, -2)) ?? 'in_transit' }]
  })
}

const mostScans = 500

/** 快递100's states, and those sub-states that mean another thing than their state. The codes of 快递鸟 look alike and mean other things. */
const states: Readonly<Record<string, TraceStep['state']>> = {
  0: 'in_transit',
  1: 'collected',
  2: 'problem',
  3: 'signed',
  4: 'returned',
  5: 'out_for_delivery',
  6: 'returning',
  7: 'in_transit',
  8: 'in_transit',
  10: 'in_transit',
  11: 'in_transit',
  12: 'in_transit',
  13: 'problem',
  // Refused (拒签), which may end in another try, so that a later signature is not a return.
  14: 'problem',
  401: 'problem',
  501: 'at_pickup',
}
