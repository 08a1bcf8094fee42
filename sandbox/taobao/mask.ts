import type { Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'

export function maskName(name: string): string {
  const kept = name.length > 3 ? 2 : 1
  return name.slice(0, kept) + '*'.repeat(Math.max(1, name.length - kept))
}

export function maskMobile(mobile: string): string {
  return `${mobile.slice(0, 3)}****${mobile.slice(-4)}`
}

export function maskNick(nick: string): string {
  return nick.length < 2 ? `${nick}**` : `${nick[0] ?? ''}**${nick[nick.length - 1] ?? ''}`
}

export function maskAddress(address: string): string {
  const cut = /\d/.exec(address)?.index ?? 2
  return `${address.slice(0, Math.max(2, cut))}****`
}

/** Returns an OAID: opaque, and the same for the same receiver and address within one shop, application and calendar week. */
export function oaid(trade: Trade, nowSeconds: number): string {
  const { receiver, shop } = trade
  const week = Math.floor((nowSeconds + 8 * 3600 + 3 * 86_400) / 604_800)
  const stem = `${shop.options.appKey}:${shop.key}:${week}:${receiver.name}${receiver.mobile}${receiver.state}${receiver.city}${receiver.district}${receiver.address}`
  let id = '1'
  for (let i = 0; i < 7; i++) id += hash32(`${i}${stem}`).toString(36).padStart(7, '0')
  return id
}
