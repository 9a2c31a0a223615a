/** Loaded before the gateway, and only to measure what idle subscribers take: collects garbage when told to, and tells what is left. */
process.on('message', (order) => {
  if (order !== 'memory') return;
  globalThis.gc?.();
  process.send?.(process.memoryUsage());
});
// Nothing of this keeps the gateway from ending.
process.channel?.unref();
