import { Type } from 'typebox'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { WithCredentials } from '../../shops/secrets.ts'
import type { ChannelKind } from './contract.ts'
import { robotHosts } from './robot-hosts.ts'

/**
 * The address of a robot has its key in it, and that of a program often too, so it is never shown again. `site`: any public host name is
 * allowed; `hosts` of the kind limits it.
 */
const secretAddress = (zh: string, en: string) => {
  const more = { pattern: '^https?://\\S+$', maxLength: 500, secret: true, site: true }
  return Type.String({ title: zh, description: en, ...more })
}

const robotSecret = (zh: string, en: string) =>
  Type.Optional(Type.String({ title: zh, description: en, maxLength: 200, secret: true }))

const mailAddress = '[^\\s@,;<>]{1,64}@[^\\s@,;<>]{1,190}'

type Kind = WithCredentials & {
  name: LocalizedText
  /** The hosts of its robots. PLATFORM_HOSTS names further ones. Undefined: any public host. */
  hosts?: readonly string[]
}

export const kindOfChannel: Readonly<Record<ChannelKind, Kind>> = {
  dingtalk: {
    name: { zh: '钉钉群机器人', en: 'DingTalk robot' },
    hosts: robotHosts.dingtalk,
    credentials: Type.Object({
      address: secretAddress('Webhook 地址', 'Webhook address'),
      secret: robotSecret(
        '加签密钥（SEC 开头；用关键词“告警”的留空）',
        'Signing secret (SEC…); empty for one with the keyword 告警',
      ),
    }),
  },
  wecom: {
    name: { zh: '企业微信群机器人', en: 'WeCom robot' },
    hosts: robotHosts.wecom,
    credentials: Type.Object({ address: secretAddress('Webhook 地址', 'Webhook address') }),
  },
  feishu: {
    name: { zh: '飞书群机器人', en: 'Feishu robot' },
    hosts: robotHosts.feishu,
    credentials: Type.Object({
      address: secretAddress('Webhook 地址', 'Webhook address'),
      secret: robotSecret('签名校验密钥（没开的留空）', 'Signing secret; empty if it has none'),
    }),
  },
  mail: {
    name: { zh: '邮件', en: 'Mail' },
    credentials: Type.Object({
      host: Type.String({
        title: '发信服务器（SMTP）',
        description: 'Mail server (SMTP)',
        pattern: '^[A-Za-z0-9.-]+$',
        maxLength: 200,
      }),
      port: Type.String({ title: '端口', description: 'Port', default: '465', pattern: '^[1-9]\\d{0,4}$' }),
      user: Type.Optional(Type.String({ title: '账号', description: 'User', maxLength: 200 })),
      password: Type.Optional(
        Type.String({
          title: '密码或授权码',
          description: 'Password or authorisation code',
          maxLength: 200,
          secret: true,
        }),
      ),
      from: Type.String({
        title: '发件地址',
        description: 'From',
        pattern: `^${mailAddress}$`,
        maxLength: 255,
        setting: true,
      }),
      to: Type.String({
        title: '收件地址（多个用逗号分开）',
        description: 'To, separated by commas',
        pattern: `^${mailAddress}(\\s*[,，;；]\\s*${mailAddress}){0,19}$`,
        maxLength: 1000,
        setting: true,
      }),
    }),
  },
  webhook: {
    name: { zh: 'Webhook（发到自己的程序）', en: 'Webhook to a program of yours' },
    credentials: Type.Object({
      address: secretAddress('接收地址', 'Address'),
      secret: Type.String({
        title: '签名密钥（程序用它核对）',
        description: 'Signing secret, with which the program checks messages',
        minLength: 16,
        maxLength: 200,
        secret: true,
      }),
    }),
  },
}
