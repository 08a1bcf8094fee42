import { setTimeout as sleep } from 'node:timers/promises'
import { secondMs } from '../../lib/time.ts'
import type { Finding, HealthArea } from './contract.ts'

export type Look = () => Promise<Finding[]>

/** A look that takes longer is a finding of its own, so that one of them never keeps the others. */
const lookMs = 5 * secondMs

export const ok = (area: HealthArea, zh: string, en = zh): Finding => ({
  area,
  tone: 'ok',
  title: { zh, en },
})

/** A look that fails is a finding of its own. Messages for the owner of the machine have a Chinese part and an English one. */
export function findingsOf(area: HealthArea, look: Look, withinMs = lookMs): Promise<Finding[]> {
  const late = sleep(withinMs, undefined, { ref: false }).then((): Finding[] => [
    {
      area,
      tone: 'warn',
      title: {
        zh: `${withinMs / secondMs} 秒没有看完`,
        en: `This look was not over within ${withinMs / secondMs} s`,
      },
      remedy: { zh: '数据库很忙；过一会儿再看', en: 'The database is very busy: look again later' },
    },
  ])
  return Promise.race([look(), late]).catch((error: unknown) => [badOf(area, error)])
}

export function badOf(area: HealthArea, error: unknown): Finding {
  const [zh = '', en = zh] = (error instanceof Error ? error.message : String(error)).split(/\n| · /)
  return { area, tone: 'bad', title: { zh, en } }
}
