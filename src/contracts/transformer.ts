/**
 * What a transformer is given to answer with: the part of the platform's
 * `TransformStreamDefaultController` that this library's transformers use.
 */
export interface TransformController<Out> {
  /** Passes one chunk on. */
  enqueue(chunk: Out): void;
  /** Gives up: the stream errors, or the pipe closes, with this reason. */
  error(reason: unknown): void;
}

/**
 * One step of a message's way: framing and patterns are made of these.
 *
 * The interface is that of the Web Streams' `Transformer`, so each also stands alone, as
 * `new TransformStream(transformer)`. The core drives the same objects without a stream between two
 * steps, so these rules hold:
 *
 * - `transform` is synchronous: it calls `enqueue` for no, one or many chunks and returns nothing.
 * - It never throws for what a peer sent: it calls `controller.error(reason)`, and ignores what comes after.
 * - A chunk is owned by whoever holds it: no step writes to a chunk that it was given, a step may pass
 *   on views of it, and a step that keeps a chunk for later keeps the reference, not a copy.
 * - Nothing is kept of the controller after the call returns.
 */
export interface Transformer<In, Out> {
  /** Takes one chunk. */
  transform(chunk: In, controller: TransformController<Out>): void;
  /** Called once when no chunk will follow, where the step has something left to say. */
  flush?(controller: TransformController<Out>): void;
}
