import { hourMs } from '../lib/time.ts'
import { returnsDue, returnsLate } from './alarm-queries.ts'
import { type Asked, alarmOf, figure, type Told } from './alarm-words.ts'

/** Milliseconds before the platform's deadline at which the alarm begins: enough to find the parcel and count its goods. */
const nearMs = 24 * hourMs
/** Returns that have not arrived this many days after their creation are late, because no domestic courier takes longer. */
const lateDays = 10

export async function returnAlarms({ db, scope, now }: Asked): Promise<Told[]> {
  const due = await returnsDue(db, scope, nearMs)
  const late = await returnsLate(db, scope, lateDays)
  const isOver = due.since !== null && due.since < now
  return [
    ...alarmOf(due, {
      kind: 'returns_due',
      tone: isOver ? 'bad' : 'warn',
      since: isOver ? due.since : null,
      title: {
        zh: `${figure(due.count)} 张退货 24 小时内到平台期限`,
        en: `${figure(due.count)} ${due.count === 1 ? 'return' : 'returns'} due within 24 h`,
      },
      detail: {
        zh: '货没收或没决定，到期平台自己退款',
        en: 'not received or not decided: the platform pays automatically',
      },
      remedy: 'see_returns',
      act: { zh: '去处理', en: 'Go and handle' },
      to: `/returns?tab=all&ids=${due.ids.join(',')}`,
    }),
    ...alarmOf(late, {
      kind: 'returns_late',
      tone: 'warn',
      title: {
        zh: `${figure(late.count)} 张退货 ${lateDays} 天还没收到`,
        en: `${figure(late.count)} ${late.count === 1 ? 'return' : 'returns'} not here after ${lateDays} days`,
      },
      detail: {
        zh: '买家已寄出：查快递，或到货没扫',
        en: 'the buyer sent them: ask the courier, or scan what is here',
      },
      remedy: 'see_returns',
      act: { zh: '去查', en: 'View' },
      to: `/returns?tab=all&ids=${late.ids.join(',')}`,
    }),
  ]
}
