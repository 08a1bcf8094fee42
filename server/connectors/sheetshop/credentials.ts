import { Type } from 'typebox'

export const credentials = Type.Object({
  channel: Type.String({
    title: '渠道（平台、群或分销商的名字，接入后不能改）',
    description: 'Where the sheets come from: a platform, a group or a distributor. It stays once connected',
    minLength: 1,
    maxLength: 60,
    pattern: '\\S',
  }),
})

/** The channel is the number of the shop, so two shops with one channel are refused. */
export const channelOf = (stored: Readonly<Record<string, string>>): string => (stored.channel ?? '').trim()
