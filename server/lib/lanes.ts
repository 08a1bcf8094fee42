/**
 * Like `Promise.all` over a map, but at most so many at a time: one person's request is not to take every connection of the pool, and a
 * machine of a few processors is no faster for it.
 */
export async function inLanes<In, Out>(
  items: readonly In[],
  lanes: number,
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const done: Out[] = []
  let next = 0
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) done[at] = await work(items[at] as In)
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
  return done
}
