// The order matters: most browsers also name the ones below them.
const browsers: readonly [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/(?:OPR|Opera)\/(\d+)/, 'Opera'],
  [/(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/(?:Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
]
const systems: readonly [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/** Returns "Chrome 156 · Windows" for a user agent. An unknown user agent is cut to 60 characters. */
export function browserText(userAgent: string): string {
  const browser = browsers
    .map(([pattern, name]) => [pattern.exec(userAgent)?.[1], name] as const)
    .find(([version]) => version !== undefined)
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1]
  if (!browser) return userAgent.slice(0, 60)
  return [`${browser[1]} ${browser[0]}`, system].filter(Boolean).join(' · ')
}
