import { Type } from 'typebox'
import { addressField, secretField, valueOr } from '../credential-fields.ts'

/** The fields by which a shop is connected; the settings form is drawn from them. The address may be that of a simulator. */
export const credentials = Type.Object({
  appKey: Type.String({ title: 'App Key', description: 'App key', minLength: 1, maxLength: 64 }),
  appSecret: secretField('App Secret', 'App secret'),
  gatewayUrl: addressField('https://gateway.example.com/api', '网关地址', 'Gateway address'),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  return {
    appKey: stored.appKey ?? '',
    appSecret: stored.appSecret ?? '',
    gatewayUrl: valueOr(stored.gatewayUrl, credentials.properties.gatewayUrl),
  }
}
