import { isNotNeeded } from './stops.ts'
import type { WaveDetail } from './types.ts'

// 路线: a small plan of the aisles that a wave's way leads through. It knows the bins' codes alone, so it shows order and sides and no metres. Pure.

type Line = Pick<WaveDetail['lines'][number], 'bin' | 'done' | 'picked' | 'missing' | 'wanted'>
export type SpotState = 'done' | 'here' | 'ahead'
/** A stop on the plan. `place`: its place in the list below; of several stops at one bin the first. */
export type Spot = { place: number; bin: string; x: number; y: number; state: SpotState }
export type RoutePlan = {
  width: number
  height: number
  /** The lower ends of the racks. */
  bottom: number
  aisles: { name: string; x: number }[]
  spots: Spot[]
  /** The way as SVG paths: its walked part, and the rest. */
  walked: string
  ahead: string
  /** Stops whose bin says no aisle, or that have no bin. */
  off: number
}

export const rack = { top: 22, width: 24 }
const leastRack = 116
const mostRack = 320
/** The way crosses from aisle to aisle above and below the racks. */
const crossing = { above: 8, below: 14 }
/** Spots of one aisle are so far apart that their numbers can be read. */
const apart = 17
const margin = 46
/** The way runs at the right of the racks. */
const beside = 24

type Placed = { aisle: string; bay: number | undefined }

/** Reads aisle and bay in the code of a bin: A-03-12 is bay 3 of aisle A, and 12B04 bay 4 of aisle 12B. */
export function placeOf(bin: string): Placed | undefined {
  const [first = '', second] = bin.split(/[-_. /]+/)
  if (second !== undefined && first !== '') {
    const bay = /\d+/.exec(second)
    return { aisle: first, bay: bay ? Number(bay[0]) : undefined }
  }
  const found = /^(\d*[A-Za-z]+)(\d+)?$/.exec(first)
  return found?.[1] ? { aisle: found[1], bay: found[2] ? Number(found[2]) : undefined } : undefined
}

/** Returns the plan of a way; undefined: too few of its bins say their aisle, or there are too many aisles to draw. */
export function planOf(lines: readonly Line[]): RoutePlan | undefined {
  const here = lines.findIndex(({ done }) => !done)
  const stops = lines.flatMap((line, at) => {
    if (isNotNeeded(line)) return []
    const state: SpotState = line.done ? 'done' : at === here ? 'here' : 'ahead'
    return [{ place: at + 1, bin: line.bin, state, at: placeOf(line.bin) }]
  })
  const known = stops.flatMap(({ at, ...stop }) => (at ? [{ ...stop, ...at }] : []))
  const names = [...new Set(known.map(({ aisle }) => aisle))].toSorted((one, other) =>
    one.localeCompare(other, 'en', { numeric: true }),
  )
  if (known.length === 0 || known.length * 2 < stops.length || names.length > mostAisles) return undefined
  const width = Math.max(440, 2 * margin + names.length * leastAisle)
  const step = (width - 2 * margin) / names.length
  const aisles = names.map((name, at) => ({ name, x: Math.round(margin + step * (at + 0.5)) }))
  const most = Math.max(...[...Map.groupBy(known, ({ aisle }) => aisle).values()].map((some) => some.length))
  const bottom = rack.top + Math.min(Math.max(leastRack, most * apart + 12), mostRack)
  const yOf = heights(known, bottom)
  const spots = onceEach(
    known.map(({ aisle, bay, ...stop }) => {
      const x = aisles.find(({ name }) => name === aisle)?.x ?? 0
      return { ...stop, x, y: yOf(bay) }
    }),
  )
  spread(spots, bottom)
  const legs = legsOf(spots, { width, bottom })
  const done = spots.filter(({ state }) => state === 'done').length
  // The picker has come to the stop at which goods are taken now.
  const walkedLegs = spots.some(({ state }) => state === 'here') && done > 0 ? done + 1 : done
  const all = done === spots.length
  return {
    ...{ width, bottom, height: bottom + 28, aisles, spots },
    walked: pathOf(legs.slice(0, all ? undefined : walkedLegs)),
    ahead: pathOf(all ? [] : legs.slice(walkedLegs)),
    off: stops.length - known.length,
  }
}

const mostAisles = 12
const leastAisle = 58

/** The height of a bay on the plan: the lowest number is at the bottom, where the way begins. */
function heights(known: readonly Placed[], bottom: number): (bay: number | undefined) => number {
  const bays = known.flatMap(({ bay }) => bay ?? [])
  const [least, most] = [Math.min(...bays), Math.max(...bays)]
  const [low, high] = [bottom - 14, rack.top + 14]
  return (bay) =>
    bay === undefined || most === least
      ? Math.round((low + high) / 2)
      : Math.round(low - ((bay - least) / (most - least)) * (low - high))
}

/** Stops at one bin that follow each other are one spot; it is done when the last of them is. */
function onceEach(stops: readonly Spot[]): Spot[] {
  const spots: Spot[] = []
  for (const stop of stops) {
    const last = spots.at(-1)
    if (last?.bin === stop.bin && last.x === stop.x) {
      if (last.state === 'done') last.state = stop.state
    } else spots.push({ ...stop })
  }
  return spots
}

/** Moves the spots of each aisle apart, up the rack first, and down again from its upper end. */
function spread(spots: readonly Spot[], bottom: number): void {
  for (const aisle of Map.groupBy(spots, ({ x }) => x).values()) {
    const room = (bottom - rack.top - 18) / Math.max(1, aisle.length - 1)
    const gap = Math.min(apart, room)
    const upwards = aisle.toSorted((one, other) => other.y - one.y || one.place - other.place)
    let y = bottom - 9 + gap
    for (const spot of upwards) {
      spot.y = Math.round(Math.min(spot.y, y - gap))
      y = spot.y
    }
    y = rack.top + 9 - gap
    for (const spot of upwards.toReversed()) {
      spot.y = Math.round(Math.max(spot.y, y + gap))
      y = spot.y
    }
  }
}

type Point = readonly [x: number, y: number]

/** The legs of the way: from the start to the first stop, from stop to stop, and from the last one to the wall where goods are sorted. */
function legsOf(spots: readonly Spot[], { width, bottom }: { width: number; bottom: number }): Point[][] {
  const ends = [rack.top - crossing.above, bottom + crossing.below] as const
  let from: Point = [18, ends[1]]
  const legs = spots.map(({ x, y }) => {
    const to: Point = [x + beside, y]
    const leg = [...between(from, to, ends), [x + rack.width / 2, y] as const, to]
    from = to
    return leg
  })
  return [...legs, between(from, [width - 18, ends[1]], ends)]
}

/** From one aisle to another the way leaves by the end that is nearer to both. */
function between(from: Point, to: Point, [top, bottom]: Point): Point[] {
  if (from[0] === to[0]) return [from, to]
  const over = (y: number) => Math.abs(from[1] - y) + Math.abs(to[1] - y)
  const y = over(top) < over(bottom) ? top : bottom
  return [from, [from[0], y], [to[0], y], to]
}

const pathOf = (legs: readonly (readonly Point[])[]) =>
  legs.map((leg) => `M${leg.map(([x, y]) => `${x} ${y}`).join('L')}`).join('')
