import type { LocalizedText } from '../../lib/localized-text.ts'
import { minuteMs, toChinaTime } from '../../lib/time.ts'
import type { Message, Notice } from '../notices/message.ts'
import type { Due, Outage } from './outage.ts'

type Told = {
  outage: Outage
  due: Due
  language: keyof LocalizedText
  /** The name of the watchdog that speaks, and the installation of which it speaks. */
  name: string
  publicUrl: string
  now: number
}

/** Returns the message about an installation that does not answer, or answers again. */
export function outageMessage(facts: Told): Message {
  const words = facts.due.what === 'ended' ? endedWords(facts) : downWords(facts)
  const [title = '', ...lines] = words.map((line) => line[facts.language])
  const by = { zh: `看门狗“${facts.name}”`, en: `Watchdog “${facts.name}”` }[facts.language]
  return { title, text: [title, ...lines, `${by} · ${facts.publicUrl}/`].join('\n') }
}

function downWords({ outage: { since, why, wanted }, due, now }: Told): LocalizedText[] {
  const long = spanOf(now - since)
  return [
    due.isAgain
      ? {
          zh: `【严重】三易仍没有应答，已 ${long.zh}`,
          en: `[Severe] Sanyi still does not answer, for ${long.en}`,
        }
      : { zh: '【严重】三易没有应答', en: '[Severe] Sanyi does not answer' },
    { zh: `从 ${clock(since)} 起：${why.zh}`, en: `Since ${clock(since)}: ${why.en}` },
    ...(wanted
      ? [{ zh: '它是有人停的，到现在没有回来。', en: 'It was stopped on purpose, and has not come back.' }]
      : []),
    {
      zh: '订单下载、转单、发货和回写可能都停了，新的退款也拦不下。',
      en: 'Downloads, conversions, shipping and write-backs may stand still, and new refunds hold no orders.',
    },
    {
      zh: '先看那台机器是否开着、网络是否通，再在上面运行 npm run doctor。',
      en: 'See whether its machine is on and has its network, then run npm run doctor there.',
    },
  ]
}

function endedWords({ outage: { since, endedAt }, now }: Told): LocalizedText[] {
  const end = endedAt ?? now
  const long = spanOf(end - since)
  return [
    { zh: '【恢复】三易又有应答', en: '[Recovered] Sanyi answers again' },
    {
      zh: `从 ${clock(since)} 到 ${clock(end)} 没有应答（${long.zh}）`,
      en: `It did not answer from ${clock(since)} to ${clock(end)} (${long.en})`,
    },
  ]
}

/** Returns the same for a program. Its key is the same each time that it is said again. */
export function outageNotice({ outage: { since, endedAt }, due, now }: Told): Notice {
  const down = { zh: '三易没有应答', en: 'Sanyi does not answer' }
  return {
    ...{ recordId: `watchdog:${since}`, what: due.what, alarmId: 'house_silent', kind: 'house_silent' },
    ...{ tone: 'bad', page: '/', documents: 1, shopId: null, title: down },
    detail: { zh: `已 ${spanOf(now - since).zh}`, en: `For ${spanOf(now - since).en}` },
    ...{ beganAt: new Date(since), endedAt: endedAt === null ? null : new Date(endedAt) },
  }
}

const clock = (at: number) => toChinaTime(new Date(at)).slice(5, 19)

function spanOf(ms: number): LocalizedText {
  const minutes = Math.max(1, Math.round(ms / minuteMs))
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours === 0) return { zh: `${minutes} 分钟`, en: `${minutes} min` }
  return rest === 0
    ? { zh: `${hours} 小时`, en: `${hours} h` }
    : { zh: `${hours} 小时 ${rest} 分`, en: `${hours} h ${rest} min` }
}
