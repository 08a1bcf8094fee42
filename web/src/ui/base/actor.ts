import type { LocalizedPair, Say } from '../../words.ts'

/** Actors that are nobody's name. The server stores them as one word; each reader sees their own. */
const known: Record<string, LocalizedPair> = {
  系统: ['系统', 'System'],
  计划任务: ['计划任务', 'Task'],
  演示: ['演示', 'Demo'],
}

/** Who did something, as it is shown beside an event. */
export function actorText(name: string, say: Say): string {
  return known[name] ? say(known[name]) : name
}
