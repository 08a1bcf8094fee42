import { failingSubscriptions } from '../webhooks/failing.ts'
import type { Asked, Told } from './alarm-words.ts'

/** Returns an alarm for each subscription that stopped by itself, and for each whose program took nothing for an hour. */
export async function webhookAlarms({ db, scope }: Asked): Promise<Told[]> {
  const found = await failingSubscriptions(db, scope)
  return found.map(({ id, name, state, since, failure }) => {
    const stopped = state === 'stopped'
    return {
      ...{ id: `webhook_failing:${id}`, kind: 'webhook_failing', tone: stopped ? 'bad' : 'warn', since },
      ...{ count: 1, ids: [id], shopId: null },
      title: stopped
        ? {
            zh: `事件推送「${name}」已停：${failure?.zh ?? '接收程序一直不收'}`,
            en: `The webhook “${name}” is stopped: ${failure?.en ?? 'its program takes nothing'}`,
          }
        : { zh: `事件推送「${name}」发不出去`, en: `The webhook “${name}” is not delivered` },
      detail: {
        zh: '事件先留着，到清理旧记录为止（一般 30 天）；原因没有了就按恢复，会按顺序补发',
        en: 'Events are kept until old records are trimmed, usually 30 days. Let it go on once the cause is gone, and they follow in order',
      },
      ...{ remedy: 'see_webhooks', act: { zh: '看事件推送', en: 'See the webhooks' }, to: '/webhooks' },
    }
  })
}
