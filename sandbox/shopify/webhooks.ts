import type { Shop } from '../world/model.ts'

/** The name that a shop keeps for good. */
export const domainOf = ({ key }: Shop): string => `${key}.myshopify.com`
