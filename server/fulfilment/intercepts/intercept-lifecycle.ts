import type { Refusal } from '../../core/decide.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'

export const interceptWays = ['pull', 'recall'] as const
export type InterceptWay = (typeof interceptWays)[number]
export const interceptWayWords: Record<InterceptWay, LocalizedText> = {
  pull: { zh: '仓库拦下', en: 'Pull it out' },
  recall: { zh: '快递追回', en: 'Ask the courier' },
}

export const interceptStates = ['open', 'asked', 'pulled', 'returned', 'missed', 'money', 'lifted'] as const
export type InterceptState = (typeof interceptStates)[number]
export const interceptStateWords: Record<InterceptState, LocalizedText> = {
  open: { zh: '待拦截', en: 'To stop' },
  asked: { zh: '已请快递拦截', en: 'Courier asked' },
  pulled: { zh: '已拦下', en: 'Pulled out' },
  returned: { zh: '已追回', en: 'Came back' },
  missed: { zh: '没拦到', en: 'Missed' },
  money: { zh: '只退钱', en: 'Money only' },
  lifted: { zh: '已撤销', en: 'Lifted' },
}

const alive: readonly InterceptState[] = ['open', 'asked']
export const isAlive = (state: InterceptState) => alive.includes(state)

/** Results that a person can report. Only the system sets `lifted`, when the refunds that wanted the parcel have ended. */
export const interceptEvents = {
  pull: { to: 'pulled', ways: ['pull', 'recall'], zh: '拦到了', en: 'Pulled out' },
  ask: { to: 'asked', ways: ['recall'], zh: '已请快递拦截', en: 'Courier asked' },
  return: { to: 'returned', ways: ['recall'], zh: '包裹追回了', en: 'It came back' },
  miss: { to: 'missed', ways: ['pull', 'recall'], zh: '没拦到', en: 'Missed' },
  money: { to: 'money', ways: ['pull', 'recall'], zh: '只退钱不拦', en: 'Money only' },
} as const satisfies Record<string, LocalizedText & { to: InterceptState; ways: readonly InterceptWay[] }>
export type InterceptEvent = keyof typeof interceptEvents

export function whyNotIntercept(
  intercept: { state: InterceptState; way: InterceptWay },
  event: InterceptEvent,
): Refusal | undefined {
  const { to, ways } = interceptEvents[event]
  const state = interceptStateWords[intercept.state]
  if (intercept.state === to) return { code: 'already', message: state }
  if (!isAlive(intercept.state))
    return {
      code: 'intercept_ended',
      message: { zh: `${state.zh}，不能再改`, en: `${state.en}: it is decided` },
    }
  if (!ways.some((way) => way === intercept.way)) return notWithCourier
  return undefined
}

const notWithCourier: Refusal = {
  code: 'not_with_courier',
  message: {
    zh: '平台还不知道已发货：在仓库拦，拦到或没拦到',
    en: 'The platform does not know of the shipment: stop it in the warehouse',
  },
}

export const putBackStates = ['open', 'done', 'unpicked'] as const
export type PutBackState = (typeof putBackStates)[number]
export const putBackStateWords: Record<PutBackState, LocalizedText> = {
  open: { zh: '待放回', en: 'To put back' },
  done: { zh: '已放回', en: 'Put back' },
  unpicked: { zh: '没有拣过', en: 'Never picked' },
}
export type PutBackEnd = Exclude<PutBackState, 'open'>

export function whyNotPutBack(state: PutBackState): Refusal | undefined {
  return state === 'open' ? undefined : { code: 'already', message: putBackStateWords[state] }
}
