import type { LocalizedText } from '../lib/localized-text.ts'
import { minuteMs, secondMs } from '../lib/time.ts'
import { clockSkews } from './alarm-queries.ts'
import type { Asked, Told } from './alarm-words.ts'

export async function clockAlarms({ db }: Asked): Promise<Told[]> {
  return (await clockSkews(db)).map(({ machine, aheadMs, since }) => {
    const { zh, en } = span(Math.abs(aheadMs))
    return {
      id: `clock_skew:${machine}`,
      kind: 'clock_skew',
      tone: 'bad',
      since,
      title: {
        zh: `${machine} 的时钟${aheadMs > 0 ? '快' : '慢'} ${zh}`,
        en: `The clock of ${machine} is ${en} ${aheadMs > 0 ? 'ahead' : 'behind'}`,
      },
      detail: {
        zh: '已按数据库的时间做事；差太多平台会拒绝它的请求。把它的时间校准',
        en: 'Work goes by the clock of the database; platforms refuse requests whose time is far off. Set it right',
      },
      remedy: 'start_worker',
      act: { zh: '看任务', en: 'See tasks' },
      to: '/tasks',
    }
  })
}

function span(ms: number): LocalizedText {
  if (ms < 2 * minuteMs)
    return { zh: `${Math.round(ms / secondMs)} 秒`, en: `${Math.round(ms / secondMs)} s` }
  return { zh: `${Math.round(ms / minuteMs)} 分钟`, en: `${Math.round(ms / minuteMs)} min` }
}
