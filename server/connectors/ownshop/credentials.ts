import { Type } from 'typebox'
import { siteField } from '../credential-fields.ts'

export const credentials = Type.Object({
  webhookUrl: siteField('商城接收通知的地址', 'Address of the mall for our events'),
  webhookSecret: Type.String({
    title: '签名密钥（商城用它核对通知）',
    description: 'Signing secret, with which the mall checks events',
    minLength: 16,
    maxLength: 200,
    secret: true,
  }),
})

export const mallOf = (stored: Readonly<Record<string, string>>) => ({
  webhookUrl: stored.webhookUrl ?? '',
  webhookSecret: stored.webhookSecret ?? '',
})

/** https://Mall.example.com/hooks/ → mall.example.com/hooks: two shops with one address are one mall. */
export function placeOf(webhookUrl: string): string {
  if (!URL.canParse(webhookUrl)) return webhookUrl
  const { host, pathname } = new URL(webhookUrl)
  return `${host}${pathname.replace(/\/+$/, '')}`.slice(0, 200)
}
