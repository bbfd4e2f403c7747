# Homebrew: brew install --build-from-source ./pixcl.rb, with the archive beside it (../README.md).
class Pixcl < Formula
  desc "Pix2pix and CycleGAN on any OpenCL device"
  url "file://#{File.expand_path("pixcl-0.1.0.tar.gz", __dir__)}"
  version "0.1.0"
  license "MIT"

  depends_on "meson" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "cjson"
  depends_on "clblast"
  depends_on "jpeg-turbo"
  depends_on "libpng"
  depends_on "libzip"
  depends_on "xxhash"

  on_linux do
    depends_on "opencl-headers" => :build
    depends_on "opencl-icd-loader"
  end

  def install
    system "meson", "setup", "build", "-Dtests=false", *std_meson_args
    system "meson", "compile", "-C", "build"
    system "meson", "install", "-C", "build"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/pixcl --version")
    system bin/"pixcl", "synth", "pictures", "--train", "1", "--val", "1", "--test", "1"
    assert_predicate testpath/"pictures/train", :directory?
  end
end
