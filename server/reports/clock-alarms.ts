import { minuteMs } from '../lib/time.ts'
import { clockSkews } from './alarm-queries.ts'
import type { Asked, Told } from './alarm-words.ts'

/** A worker that takes another time for now asks platforms for the wrong one, and they refuse what it signs. */
export async function clockAlarms({ db }: Asked): Promise<Told[]> {
  return (await clockSkews(db)).map(({ machine, aheadMs, since }) => {
    const minutes = Math.round(Math.abs(aheadMs) / minuteMs)
    return {
      id: `clock_skew:${machine}`,
      kind: 'clock_skew',
      tone: 'bad',
      since,
      title: {
        zh: `${machine} 的时钟${aheadMs > 0 ? '快' : '慢'} ${minutes} 分钟`,
        en: `The clock of ${machine} is ${minutes} min ${aheadMs > 0 ? 'ahead' : 'behind'}`,
      },
      detail: {
        zh: '比数据库差太多，平台会拒绝它的请求。把它的时间校准',
        en: 'Too far from the database: platforms refuse its requests. Set it right',
      },
      remedy: 'start_worker',
      act: { zh: '看任务', en: 'See tasks' },
      to: '/tasks',
    }
  })
}
