import type { LocalizedPair, Say } from '../../words.ts'

/** Actors that are no persons. The server stores one word, which each user sees in their language. */
const known: Record<string, LocalizedPair> = {
  系统: ['系统', 'System'],
  计划任务: ['计划任务', 'Task'],
  自动: ['自动', 'Automatic'],
  演示: ['演示', 'Demo'],
  消息推送: ['消息推送', 'Push'],
}

export function actorText(name: string, say: Say): string {
  return known[name] ? say(known[name]) : name
}
