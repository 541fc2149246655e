/** Browsers keep what they have fetched by its address: the same port spares them ONNX Runtime's 40 MB. */
export const usualPort = 4180;
