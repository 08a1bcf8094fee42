import type { VerbTable } from '../core/verbs-contract.ts'

export const webhookVerbs = {
  replay: {
    path: '/webhook-messages/replay',
    permission: 'webhooks.write',
    summary: 'Send messages again, or those that wait at once',
    words: ['重发', 'Send again'],
    done: ['{n} 条重新推送', '{n} {n|message is|messages are} sent again'],
    bulk: { name: 'webhook_messages.replay', words: ['批量重发推送', 'Send webhook messages again'] },
    audit: { 'webhook.replay': ['重发事件推送', 'Webhook messages sent again'] },
  },
} as const satisfies VerbTable
