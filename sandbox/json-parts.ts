/** The JSON in a parameter of a call. Any part of it may be missing or of another type, which the functions below allow for. */
export type Json = Record<string, unknown>

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const part = (of: Json, key: string): Json => (isJson(of[key]) ? of[key] : {})

export function textIn(of: Json, key: string): string {
  const value = of[key]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export const rows = (of: Json, key: string): Json[] => (Array.isArray(of[key]) ? of[key].filter(isJson) : [])

export const texts = (of: Json, key: string): string[] =>
  Array.isArray(of[key]) ? of[key].filter((one) => typeof one === 'string') : []

export function readJson(of: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(of)
    return isJson(value) ? value : undefined
  } catch {
    return undefined
  }
}
